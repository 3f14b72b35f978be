import { Emitter } from "../base/emitter.js";
import * as storage from "../base/storage.js";

/** Up to which seq one user has read each conversation, in this browser. A mark only grows. */
export class ReadMarks extends Emitter {
  #start;
  #begun;
  #epoch;
  #stop;

  constructor(userId) {
    super();
    this.#start = `read.${userId}.`;
    this.#begun = `reading.${userId}`;
    this.#epoch = `epoch.${userId}`;
    this.#stop = storage.onChangeElsewhere(key => (key === null || key.startsWith(this.#start)) && this.emit("change"));
  }

  close() {
    this.#stop();
  }

  /** In which epoch they were made: in another one they say nothing. */
  get epoch() {
    return storage.read(this.#epoch);
  }

  set epoch(epoch) {
    storage.write(this.#epoch, epoch);
  }

  /** In a browser that this user has never used, what is there counts as read: nobody wants a thousand marks. */
  begin(conversations) {
    if (!storage.read(this.#begun)) {
      conversations.forEach(conversation => storage.write(this.#start + conversation.id, conversation.last_seq));
      storage.write(this.#begun, true);
    }
  }

  of(conversation) {
    return storage.read(this.#start + conversation) ?? 0;
  }

  raise(conversation, seq) {
    if (seq > this.of(conversation)) {
      storage.write(this.#start + conversation, seq);
      this.emit("change");
    }
  }

  /** A server that was restored has less than was read. */
  limit(conversation, lastSeq) {
    if (lastSeq < this.of(conversation)) {
      storage.write(this.#start + conversation, lastSeq);
      this.emit("change");
    }
  }
}
