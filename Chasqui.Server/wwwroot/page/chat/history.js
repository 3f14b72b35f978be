/** Page sizes: for the open conversation, and for filling a gap. */
export const pageSize = 50;
export const largestPage = 200;

export const messagesOf = id => `conversations/${encodeURIComponent(id)}/messages`;

/** Loads pages of history into timelines. */
export class History {
  #api;
  #timelineOf;
  #changed;

  /** @param changed called with the id of a conversation after its timeline has changed */
  constructor(api, timelineOf, changed) {
    this.#api = api;
    this.#timelineOf = timelineOf;
    this.#changed = changed;
  }

  /** Loads the page before the window. */
  async loadOlder(id) {
    const timeline = this.#timelineOf(id);
    const { first } = timeline;
    const page = await this.#page(id, `before=${first}`);
    // It may show something else by now.
    if (timeline.first === first) {
      timeline.prepend(page);
      this.#changed(id);
    }
  }

  /** Loads the page after the window. */
  async loadNewer(id) {
    const timeline = this.#timelineOf(id);
    const { last } = timeline;
    const page = await this.#page(id, `after=${last}`);
    if (timeline.last === last) {
      timeline.append(page, page.length === 0);
      this.#changed(id);
    }
  }

  /** Shows the newest page. */
  async loadNewest(id) {
    const page = await this.#page(id);
    this.#timelineOf(id).show(page.reverse());
    this.#changed(id);
  }

  /** Shows the page up to a seq and the page after it. @param lastSeq the newest known one */
  async loadAround(id, seq, lastSeq) {
    const [before, after] = await Promise.all([this.#page(id, `before=${seq + 1}`), this.#page(id, `after=${seq}`)]);
    const timeline = this.#timelineOf(id);
    timeline.show([...before.reverse(), ...after]);
    timeline.skipTo(lastSeq);
    this.#changed(id);
  }

  #page(id, where = "") {
    return this.#api.get(`${messagesOf(id)}?limit=${pageSize}&${where}`);
  }
}
