const firstMs = 500;
const longestMs = 30_000;

/** Pauses that grow with each failure, with a random part, so that clients do not reconnect all at once. */
export class Backoff {
  #failures = 0;

  /** The next pause in milliseconds, at least as long as the server asked for. */
  next(atLeastMs = 0) {
    const grown = Math.min(longestMs, firstMs * 2 ** this.#failures++);
    return Math.max(grown * (0.5 + Math.random() / 2), atLeastMs * (1 + Math.random() / 4));
  }

  reset() {
    this.#failures = 0;
  }
}
