import * as storage from "../base/storage.js";

/** The conversations that this user does not want in the list, in this browser. */
export class Shelf {
  #hidden;
  #opened;

  constructor(userId) {
    this.#hidden = `shelved.${userId}`;
    this.#opened = `opened.${userId}`;
  }

  /**
   * What is in the list, and what `isKept` tells to keep. A hidden conversation comes back with its next message. An empty direct chat
   * is shown to the user who has opened it.
   */
  select(conversations, isKept) {
    const hidden = this.#read();
    const opened = new Set(storage.read(this.#opened));
    return conversations.filter(({ id, conversation_type: type, last_message: { seq } = { seq: 0 } }) =>
      seq > (hidden.get(id) ?? -1) && (seq > 0 || type === "group" || opened.has(id)) || isKept(id));
  }

  hide({ id, last_message: { seq } = { seq: 0 } }) {
    storage.write(this.#hidden, [...this.#read().set(id, seq)]);
  }

  /** Shows a hidden conversation again. */
  unhide(id) {
    const hidden = this.#read();
    if (hidden.delete(id)) {
      storage.write(this.#hidden, [...hidden]);
    }
  }

  /** After a restore a seq may stand for another message: all hidden conversations are shown again. */
  unhideAll() {
    storage.remove(this.#hidden);
  }

  /** The seq up to which each is hidden, by id. */
  #read() {
    return new Map(storage.read(this.#hidden));
  }

  /** The user looks at it. */
  open({ id, last_message: message }) {
    this.unhide(id);
    const opened = storage.read(this.#opened) ?? [];
    if (!message && !opened.includes(id)) {
      storage.write(this.#opened, [...opened, id]);
    }
  }
}
