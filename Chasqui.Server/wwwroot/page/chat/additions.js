import { Emitter } from "../base/emitter.js";
import * as storage from "../base/storage.js";

/** The conversations that others have opened with a user, and the groups that were not opened since, in this browser. */
export class Additions extends Emitter {
  #userId;
  #marks;
  #start;
  #stop;

  /** What has come while this page was open and is not joined yet, with the seq after which its messages are news. */
  #newsFrom = new Map();

  constructor(userId, marks) {
    super();
    this.#userId = userId;
    this.#marks = marks;
    this.#start = `added.${userId}.`;
    this.#stop = storage.onChangeElsewhere(key => (key === null || key.startsWith(this.#start)) && this.emit("change"));
  }

  close() {
    this.#stop();
  }

  isNew(id) {
    return storage.read(this.#start + id) === true;
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
    if (storage.read(this.#start + id) === null) {
      storage.write(this.#start + id, true);
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
      storage.write(this.#start + id, false);
      this.emit("change");
    }
  }

  /** The user is no longer in it, and may be put into it again. */
  forget(id) {
    storage.remove(this.#start + id);
  }
}
