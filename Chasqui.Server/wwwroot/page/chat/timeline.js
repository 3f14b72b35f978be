/** More live messages than this do not wait for a gap to be filled. */
const mostAhead = 1000;

/** As many of the newest wait before the end: they close the gap to a page that was read before they arrived. */
const mostHeld = 200;

/**
 * A window of the messages of one conversation: `seq`s without a gap, oldest first. It ends with the newest message (`isAtEnd`),
 * or before it while older messages are read. Later messages that leave a gap wait in `ahead`.
 */
export class Timeline {
  messages = [];

  /** The newest known message; the window may end before it. */
  newest = null;

  #ahead = new Map();

  /** The newest known seq after the window; 0 if there is none. */
  #beyond = 0;

  get isEmpty() {
    return this.messages.length === 0;
  }

  /** The oldest and the newest seq; 0 if there is none. */
  get first() {
    return this.messages[0]?.seq ?? 0;
  }

  get last() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  get isAtEnd() {
    return this.#beyond === 0;
  }

  /** The seq after which a join replays: what is between the window and `beyond` is loaded when it is read. */
  get end() {
    return Math.max(this.last, this.#beyond);
  }

  /** Whether messages are missing between those shown, which are to end with the newest, and those in `ahead`. */
  get hasGap() {
    return this.isAtEnd && this.#ahead.size > 0;
  }

  /** How many are missing there, at least. */
  get gap() {
    return this.hasGap ? Math.min(...this.#ahead.keys()) - this.last - 1 : 0;
  }

  has(seq) {
    return !this.isEmpty && seq >= this.first && seq <= this.last;
  }

  /** Adds a live or replayed message; returns whether it is new. */
  offer(message) {
    if (message.seq <= this.end && !this.isEmpty || this.#ahead.has(message.seq)) {
      return false;
    }
    this.#know(message);
    if (this.isAtEnd && (this.isEmpty || message.seq === this.last + 1)) {
      this.messages.push(message);
      this.#drain();
    } else {
      this.#ahead.set(message.seq, message);
      if (!this.isAtEnd || this.#ahead.size > mostAhead) {
        this.#endBefore(message.seq);
      }
    }
    return true;
  }

  /** Adds a page of history, newest first, before the window. */
  prepend(page) {
    const older = page.filter(message => this.isEmpty || message.seq < this.first);
    this.messages.unshift(...older.reverse());
    this.#know(this.messages.at(-1));
    this.#drain();
  }

  /** Adds a page of history, oldest first, after the window. @param isNewest whether the server has nothing after it */
  append(page, isNewest) {
    this.messages.push(...page.filter(message => message.seq > this.last));
    this.#know(this.messages.at(-1));
    if (isNewest) {
      this.#beyond = 0;
    }
    this.#drain();
  }

  /** Shows these messages, oldest first, and the known ones that continue them. */
  show(messages) {
    const { end } = this;
    const known = [...this.messages, ...this.#ahead.values()];
    this.messages = messages;
    this.#know(messages.at(-1));
    this.#ahead = new Map(known.filter(({ seq }) => seq > this.last).map(message => [message.seq, message]));
    this.#drain();
    this.skipTo(Math.max(end, ...this.#ahead.keys()));
  }

  /** The server has messages up to this one; those after the window are loaded when they are read. */
  skipTo(seq) {
    if (seq > this.last) {
      this.#endBefore(seq);
    }
  }

  /** Shortens the window to its newest or its oldest messages. */
  keepNewest(count) {
    this.messages = this.messages.slice(-count);
  }

  keepOldest(count) {
    this.#endBefore(this.end);
    this.messages = this.messages.slice(0, count);
  }

  /** Nobody reads it: keeps a few of the newest messages. */
  rest(count) {
    if (this.isAtEnd) {
      this.keepNewest(count);
    } else {
      const end = this.#beyond;
      this.messages = this.newest ? [this.newest] : [];
      this.#ahead.clear();
      this.#beyond = 0;
      this.skipTo(end);
    }
  }

  /** Drops all messages, when they may differ from those of the server. */
  clear() {
    this.messages = [];
    this.newest = null;
    this.#ahead.clear();
    this.#beyond = 0;
  }

  #know(message) {
    if (message && !(this.newest?.seq >= message.seq)) {
      this.newest = message;
    }
  }

  #endBefore(seq) {
    this.#beyond = Math.max(seq, this.#beyond, ...this.#ahead.keys());
    for (const held of this.#ahead.keys()) {
      if (this.#ahead.size <= mostHeld) {
        break;
      }
      this.#ahead.delete(held);
    }
  }

  #drain() {
    for (const seq of [...this.#ahead.keys()].sort((a, b) => a - b)) {
      if (seq > this.last + 1) {
        break;
      }
      if (seq === this.last + 1) {
        this.messages.push(this.#ahead.get(seq));
      }
      this.#ahead.delete(seq);
    }
    if (this.last >= this.#beyond) {
      this.#beyond = 0;
    }
  }
}
