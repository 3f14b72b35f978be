import { changed, isNote, seqOf } from "./events.js";

/** More events than this do not wait for a gap to be filled, and as many are known for a page that was read before them. */
const mostRecent = 1000;

/**
 * A window of one conversation: its messages and the lines about its members from one `seq` (`from`) to another (`reached`), without
 * a gap. It ends with the newest event, or before it while older messages are read; what happens to its messages is applied either
 * way. Events that leave a gap wait in `ahead`.
 */
export class Timeline {
  /** Messages and lines, oldest first. */
  entries = [];
  from = 0;
  reached = 0;

  /** The newest event that was applied. */
  end = 0;

  #ahead = new Map();

  /** The last events, for pages that were read before they came. */
  #recent = [];

  get isEmpty() {
    return this.end === 0;
  }

  get messages() {
    return this.entries.filter(entry => !isNote(entry));
  }

  get isAtEnd() {
    return this.reached === this.end;
  }

  /** Whether events are missing before those in `ahead`. */
  get hasGap() {
    return this.#ahead.size > 0;
  }

  /** How many are missing there, at least. */
  get gap() {
    return this.hasGap ? Math.min(...this.#ahead.keys()) - this.end - 1 : 0;
  }

  has(seq) {
    return seq >= this.from && seq <= this.reached;
  }

  find(id) {
    return this.entries.find(entry => entry.id === id);
  }

  /** The connection follows it from here on. */
  startAt(seq) {
    if (this.isEmpty) {
      [this.from, this.reached, this.end] = [seq + 1, seq, seq];
    }
  }

  /** Adds a live or replayed event; returns whether it is new. */
  offer(event) {
    const seq = seqOf(event);
    if (this.#ahead.has(seq) || (!this.isEmpty && seq <= this.end)) {
      this.#confirm(event.message);
      return false;
    }
    this.startAt(seq - 1);
    // The first event of all.
    this.from ||= 1;
    this.#ahead.set(seq, event);
    this.#drain();
    return true;
  }

  /** Adds what stands before the window. @param asOf the newest event that was known before it was read */
  prepend(entries, from, asOf) {
    this.entries.unshift(...entries);
    this.from = from;
    this.#catchUp(asOf);
  }

  /** Adds events after the window, which may be none that are left. */
  append(events, asOf) {
    for (const event of events) {
      if (seqOf(event) > this.end) {
        this.offer(event);
      } else if (seqOf(event) > this.reached) {
        this.#add(event);
        this.reached = seqOf(event);
      }
    }
    if (events.length === 0) {
      this.reached = this.end;
    }
    this.#catchUp(asOf);
  }

  /** Shows another part, as it was at an event or later. */
  show(entries, from, reached, asOf) {
    [this.entries, this.from, this.reached, this.end] = [entries, from, reached, asOf];
    const later = [...this.#recent, ...this.#ahead.values()].filter(event => seqOf(event) > asOf);
    this.#ahead = new Map(later.map(event => [seqOf(event), event]));
    this.#drain();
    this.#catchUp(asOf);
  }

  /** Shortens the window to its newest or its oldest entries. */
  keepNewest(count) {
    this.entries = this.entries.slice(-count);
    this.from = this.entries.length ? this.entries[0].seq : this.reached + 1;
  }

  keepOldest(count) {
    this.entries = this.entries.slice(0, count);
    this.reached = this.entries.at(-1).seq;
  }

  /** Nobody reads it: keeps a few of the newest entries. */
  rest(count) {
    if (this.isAtEnd) {
      this.keepNewest(count);
    } else {
      [this.entries, this.from, this.reached] = [[], this.end + 1, this.end];
    }
  }

  /** Drops everything, when it may differ from what the server has. */
  clear() {
    [this.entries, this.from, this.reached, this.end, this.#recent] = [[], 0, 0, 0, []];
    this.#ahead.clear();
  }

  #drain() {
    let event;
    while ((event = this.#ahead.get(this.end + 1))) {
      const { isAtEnd } = this;
      this.end++;
      this.#ahead.delete(this.end);
      if (isAtEnd) {
        this.reached = this.end;
        this.#add(event);
      }
      this.#change(event);
      this.#recent.push(event);
    }
    [...this.#ahead.keys()].filter(seq => seq <= this.end).forEach(seq => this.#ahead.delete(seq));
    this.#recent.splice(0, this.#recent.length - mostRecent);
    if (this.#ahead.size > mostRecent) {
      this.#ahead.delete(Math.min(...this.#ahead.keys()));
    }
  }

  #add(event) {
    const entry = event.message ?? (isNote(event) ? event : null);
    if (entry && !(this.entries.at(-1)?.seq >= entry.seq)) {
      this.entries.push(entry);
    }
  }

  #change(event) {
    if (event.message_id) {
      const at = this.entries.findIndex(entry => entry.id === event.message_id);
      if (at >= 0) {
        this.entries[at] = changed(this.entries[at], event);
      }
    }
  }

  /** What came while a page was read may be missing in it. */
  #catchUp(asOf) {
    this.#recent.filter(event => seqOf(event) > asOf).forEach(event => this.#change(event));
  }

  /** An own message was shown when it was acknowledged; the server says what else it has. */
  #confirm(message) {
    const at = message ? this.entries.findIndex(({ id, isProvisional }) => id === message.id && isProvisional) : -1;
    if (at >= 0) {
      this.entries[at] = message;
    }
  }
}
