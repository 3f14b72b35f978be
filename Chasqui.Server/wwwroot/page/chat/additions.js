import { Emitter } from "../base/emitter.js";
import * as storage from "../base/storage.js";

/** The conversations that others have opened with a user, and the groups that were not opened since, in this browser. */
export class Additions extends Emitter {
  #userId;
  #marks;
  #start;
  #stop;

  /** What is stored, as far as it was asked for: a list of thousands asks at each change. */
  #known = new Map();

  /** What has come while this page was open and is not joined yet, with the seq after which its messages are news. */
  #newsFrom = new Map();

  constructor(userId, marks) {
    super();
    this.#userId = userId;
    this.#marks = marks;
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

  /**
   * Returns whether it is a group that is new to the user; another tab may have opened it already. What a group said before, up
   * to `read`, is not unread.
   */
  add({ id, conversation_type: type, members }, read, isLive) {
    if (isLive) {
      this.#newsFrom.set(id, read);
    }
    if (type === "direct" || members.some(member => member.id === this.#userId && member.role === "owner")) {
      return false;
    }
    this.#marks.raise(id, read);
    if (this.#read(id) === null) {
      this.#write(id, true);
    }
    return this.isNew(id);
  }

  /** A conversation of the list, before it is joined: what comes after `seq` is news. */
  expect(id, seq) {
    if (!this.#newsFrom.has(id)) {
      this.#newsFrom.set(id, seq);
    }
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
