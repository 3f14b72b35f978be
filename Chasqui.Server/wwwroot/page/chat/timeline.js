/**
 * The loaded messages of one conversation: `seq`s without a gap, oldest first. Later messages that leave a gap wait in `ahead`.
 */
export class Timeline {
  messages = [];
  #ahead = new Map();

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

  /** Whether messages are missing between those shown and those in `ahead`. */
  get hasGap() {
    return this.#ahead.size > 0;
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
    if (this.isEmpty || message.seq === this.last + 1) {
      this.messages.push(message);
      this.#drain();
      return true;
    }
    if (message.seq > this.last && !this.#ahead.has(message.seq)) {
      this.#ahead.set(message.seq, message);
      return true;
    }
    return false;
  }

  /** Adds a page of history, newest first, before the loaded messages. */
  prepend(page) {
    const older = page.filter(message => this.isEmpty || message.seq < this.first);
    this.messages.unshift(...older.reverse());
    this.#drain();
  }

  /** Restarts from the newest page of history, newest first. */
  replace(page) {
    this.messages = page.toReversed();
    this.#drain();
  }

  /** Drops all messages, when they may differ from those of the server. */
  clear() {
    this.messages = [];
    this.#ahead.clear();
  }

  #drain() {
    for (const seq of [...this.#ahead.keys()].sort((a, b) => a - b)) {
      if (seq > this.last + 1) {
        return;
      }
      if (seq === this.last + 1) {
        this.messages.push(this.#ahead.get(seq));
      }
      this.#ahead.delete(seq);
    }
  }
}
