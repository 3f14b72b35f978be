/**
 * The messages of one conversation that are here: a run of `seq` without a hole, oldest first. What comes before its turn
 * waits in `ahead`.
 */
export class Timeline {
  messages = [];
  #ahead = new Map();

  get isEmpty() {
    return this.messages.length === 0;
  }

  /** The oldest seq, and the newest one; 0 where there is none. */
  get first() {
    return this.messages[0]?.seq ?? 0;
  }

  get last() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  /** Whether something is missing between what is shown and what has come. */
  get hasGap() {
    return this.#ahead.size > 0;
  }

  /** How much is missing there, at least. */
  get gap() {
    return this.hasGap ? Math.min(...this.#ahead.keys()) - this.last - 1 : 0;
  }

  has(seq) {
    return !this.isEmpty && seq >= this.first && seq <= this.last;
  }

  /** Takes a message that was sent live or replayed; tells whether it is new here. */
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

  /** Puts a page of history, newest first, in front of what is here. */
  prepend(page) {
    const older = page.filter(message => this.isEmpty || message.seq < this.first);
    this.messages.unshift(...older.reverse());
    this.#drain();
  }

  /** Starts anew from the newest page of history, newest first. */
  replace(page) {
    this.messages = page.toReversed();
    this.#drain();
  }

  /** Forgets everything, where what is here may not be what the server has. */
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
