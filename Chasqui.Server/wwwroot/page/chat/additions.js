import { Emitter } from "../base/emitter.js";
import * as storage from "../base/storage.js";

const begun = userId => `begun.${userId}`;

/** A new account is in no conversation yet. */
export const beginEmpty = userId => storage.write(begun(userId), true);

/** The conversations that this browser has had, and the groups that a user was put into and has not opened since. */
export class Additions extends Emitter {
  #userId;
  #start;
  #stop;

  /** What is stored, as far as it was asked for: a list of thousands asks at each change. */
  #known = new Map();

  /** What has come while this page was open and is not joined yet, with the seq after which its messages are news. */
  #newsFrom = new Map();

  constructor(userId) {
    super();
    this.#userId = userId;
    this.#start = `added.${userId}.`;
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

  isNew(id) {
    return this.#read(id) === true;
  }

  /** Whether a message has come after the conversation, and is no history. */
  isNews(message) {
    return message.seq > this.#newsFrom.get(message.conversation_id);
  }

  /** In a browser that is new to this user, no conversation is. */
  begin(conversations) {
    if (!storage.read(begun(this.#userId))) {
      conversations.forEach(({ id }) => this.#write(id, false));
      storage.write(begun(this.#userId), true);
    }
  }

  /** Whether this browser has had it before. */
  has(id) {
    return this.#read(id) !== null;
  }

  /**
   * Returns whether it is a group that is new to the user; another tab may have opened it already. What comes after `seq` is news.
   */
  add({ id, conversation_type: type, members }, seq, isLive) {
    if (isLive) {
      this.#newsFrom.set(id, seq);
    }
    if (this.#read(id) === null) {
      this.#write(id, type !== "direct" && !members.some(member => member.id === this.#userId && member.role === "owner"));
    }
    return this.isNew(id);
  }

  /** A conversation of the list, before it is joined: what comes after `seq` is news. */
  expect(id, seq) {
    if (!this.#newsFrom.has(id)) {
      this.#newsFrom.set(id, seq);
    }
  }

  /** After which seq the messages are news; undefined once it is joined. */
  newsFrom(id) {
    return this.#newsFrom.get(id);
  }

  /** From now on all its messages are news. */
  joined(id) {
    this.#newsFrom.delete(id);
  }

  open(id) {
    if (this.isNew(id)) {
      this.#write(id, false);
      this.emit("change");
    }
  }

  /** The user is no longer in it, and may be put into it again. */
  forget(id) {
    this.#known.delete(id);
    storage.remove(this.#start + id);
  }

  /** true: not opened yet; false: opened; null: never added. */
  #read(id) {
    if (!this.#known.has(id)) {
      this.#known.set(id, storage.read(this.#start + id));
    }
    return this.#known.get(id);
  }

  #write(id, isNew) {
    this.#known.set(id, isNew);
    storage.write(this.#start + id, isNew);
  }
}
