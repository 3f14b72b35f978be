const firstMs = 500;
const longestMs = 30_000;

/** Pauses that grow with each failure, each with some chance in it, so that clients do not come back all at once. */
export class Backoff {
  #failures = 0;

  /** How long to wait now, in milliseconds; at least what the server has asked for. */
  next(atLeastMs = 0) {
    const grown = Math.min(longestMs, firstMs * 2 ** this.#failures++);
    return Math.max(grown * (0.5 + Math.random() / 2), atLeastMs * (1 + Math.random() / 4));
  }

  reset() {
    this.#failures = 0;
  }
}
