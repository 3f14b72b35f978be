/** The messages that others answer: those of the timeline, and those that are loaded one by one. */
export class Quotes {
  #history;
  #timelineOf;
  #changed;

  /** By id; undefined while it is loaded. */
  #known = new Map();

  /** @param changed called with the id of a conversation after a message was loaded */
  constructor(history, timelineOf, changed) {
    this.#history = history;
    this.#timelineOf = timelineOf;
    this.#changed = changed;
  }

  /** The message of a reference ({ id, seq }); undefined until it is loaded. */
  of(id, reference) {
    const loaded = this.#timelineOf(id).find(reference.id);
    if (loaded || this.#known.has(reference.id)) {
      return loaded ?? this.#known.get(reference.id);
    }
    this.#known.set(reference.id, undefined);
    this.#load(id, reference);
  }

  /** It has changed. */
  forget(messageId) {
    this.#known.delete(messageId);
  }

  clear() {
    this.#known.clear();
  }

  async #load(id, reference) {
    try {
      this.#known.set(reference.id, await this.#history.message(id, reference));
      this.#changed(id);
    } catch {
      // It is tried again when it is drawn.
      this.#known.delete(reference.id);
    }
  }
}
