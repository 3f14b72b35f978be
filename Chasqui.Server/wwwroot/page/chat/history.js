import { isNote, seqOf } from "./events.js";

/** Page sizes: for the open conversation, and for filling a gap. */
export const pageSize = 50;
export const largestPage = 200;

/** Requests for the lines between the messages of a page: with very many reactions between them, some are left out. */
const mostParts = 5;

const pathOf = (id, what) => `conversations/${encodeURIComponent(id)}/${what}`;

/** Loads pages of conversations into timelines. */
export class History {
  #api;
  #timelineOf;
  #lastSeqOf;
  #changed;

  /**
   * @param lastSeqOf the newest event that is known of a conversation
   * @param changed called with the id of a conversation after its timeline has changed
   */
  constructor(api, timelineOf, lastSeqOf, changed) {
    this.#api = api;
    this.#timelineOf = timelineOf;
    this.#lastSeqOf = lastSeqOf;
    this.#changed = changed;
  }

  /** Loads the page before the window. */
  async loadOlder(id) {
    const timeline = this.#timelineOf(id);
    const { from, end } = timeline;
    const [entries, first] = await this.#before(id, from);
    // It may show something else by now.
    if (timeline.from === from) {
      timeline.prepend(entries, first, end);
      this.#changed(id);
    }
  }

  /** Loads events after the window. */
  async loadNewer(id) {
    const timeline = this.#timelineOf(id);
    const { reached, end } = timeline;
    const events = await this.#events(id, reached);
    if (timeline.reached === reached) {
      timeline.append(events, end);
      this.#changed(id);
    }
  }

  /** Shows the newest page. */
  async loadNewest(id) {
    const asOf = this.#asOf(id);
    const [entries, from] = await this.#before(id, asOf + 1);
    this.#timelineOf(id).show(entries, from, asOf, asOf);
    this.#changed(id);
  }

  /** Shows the page up to a seq and the page after it. */
  async loadAround(id, seq) {
    const asOf = this.#asOf(id);
    const [[before, from], after] = await Promise.all([this.#before(id, seq + 1), this.#events(id, seq, pageSize)]);
    const later = after.filter(event => seqOf(event) <= asOf);
    const entries = later.map(event => event.message ?? event).filter(entry => entry.id || isNote(entry));
    this.#timelineOf(id).show([...before, ...entries], from, later.length ? seqOf(later.at(-1)) : asOf, asOf);
    this.#changed(id);
  }

  /** The window is too far behind: reads it again, as it is now. */
  async reload(id, lastSeq) {
    const timeline = this.#timelineOf(id);
    if (timeline.messages.length === 0) {
      return this.loadNewest(id);
    }
    const { from, reached } = timeline;
    const entries = [];
    let page;
    do {
      page = await this.#api.get(`${pathOf(id, "messages")}?after=${entries.at(-1)?.seq ?? from - 1}&limit=${largestPage}`);
      entries.push(...page.filter(message => message.seq <= reached));
    } while (page.length > 0 && page.at(-1).seq < reached);
    const notes = timeline.entries.filter(isNote);
    timeline.show([...entries, ...notes].sort((a, b) => a.seq - b.seq), from, reached, lastSeq);
    this.#changed(id);
  }

  /** Reads the events that are missing before those that wait. @returns whether there were any */
  async fill(id) {
    const timeline = this.#timelineOf(id);
    const missing = await this.#events(id, timeline.end);
    missing.forEach(event => timeline.offer(event));
    this.#changed(id);
    return missing.length > 0;
  }

  /** One message, to show what another one answers. */
  async message(id, { id: wanted, seq }) {
    return (await this.#api.get(`${pathOf(id, "messages")}?around=${seq}&limit=3`)).find(message => message.id === wanted);
  }

  /** What is read later holds all events up to this one. */
  #asOf(id) {
    return Math.max(this.#timelineOf(id).end, this.#lastSeqOf(id));
  }

  /** The messages before a seq and the lines between them, oldest first, and the seq from which on they are whole. */
  async #before(id, seq) {
    const messages = (await this.#api.get(`${pathOf(id, "messages")}?limit=${pageSize}&before=${seq}`)).reverse();
    const from = messages.length < pageSize ? 1 : messages[0].seq;
    const notes = seq - from > messages.length ? await this.#notes(id, from - 1, seq) : [];
    return [[...messages, ...notes].sort((a, b) => a.seq - b.seq), from];
  }

  async #notes(id, after, before) {
    const notes = [];
    for (let part = 0, last = after; part < mostParts && last < before - 1; part++) {
      const events = await this.#events(id, last);
      if (events.length === 0) {
        break;
      }
      notes.push(...events.filter(event => isNote(event) && event.seq < before));
      last = seqOf(events.at(-1));
    }
    return notes;
  }

  #events(id, after, limit = largestPage) {
    return this.#api.get(`${pathOf(id, "events")}?after=${after}&limit=${limit}`);
  }
}
