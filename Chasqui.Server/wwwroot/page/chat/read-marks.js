import { Emitter } from "../base/emitter.js";
import * as storage from "../base/storage.js";

const begun = userId => `reading.${userId}`;

/** To a new account no message is old. */
export const beginUnread = userId => storage.write(begun(userId), true);

/** The newest seq that one user has read in each conversation, in this browser. A mark only grows. */
export class ReadMarks extends Emitter {
  #start;
  #begun;
  #epoch;
  #stop;

  /** What is stored, as far as it was asked for: a list of thousands asks at each change. */
  #known = new Map();

  constructor(userId) {
    super();
    this.#start = `read.${userId}.`;
    this.#begun = begun(userId);
    this.#epoch = `epoch.${userId}`;
    this.#stop = storage.onChangeElsewhere(key => {
      if (key === null) {
        this.#known.clear();
      } else if (key.startsWith(this.#start)) {
        this.#known.delete(key.slice(this.#start.length));
      } else {
        return;
      }
      this.emit("change");
    });
  }

  close() {
    this.#stop();
  }

  /** The epoch of the marks: in another one they are invalid. */
  get epoch() {
    return storage.read(this.#epoch);
  }

  set epoch(epoch) {
    storage.write(this.#epoch, epoch);
  }

  /** In a browser that is new to this user, all existing messages count as read. */
  begin(conversations) {
    if (!storage.read(this.#begun)) {
      conversations.forEach(conversation => this.#set(conversation.id, conversation.last_seq));
      storage.write(this.#begun, true);
    }
  }

  has(conversation) {
    return storage.read(this.#start + conversation) !== null;
  }

  of(conversation) {
    if (!this.#known.has(conversation)) {
      this.#known.set(conversation, storage.read(this.#start + conversation) ?? 0);
    }
    return this.#known.get(conversation);
  }

  raise(conversation, seq) {
    if (seq > this.of(conversation)) {
      this.#set(conversation, seq);
      this.emit("change");
    }
  }

  /** After a restore the server may have fewer messages than were read. */
  limit(conversation, lastSeq) {
    if (lastSeq < this.of(conversation)) {
      this.#set(conversation, lastSeq);
      this.emit("change");
    }
  }

  #set(conversation, seq) {
    this.#known.set(conversation, seq);
    storage.write(this.#start + conversation, seq);
  }
}
