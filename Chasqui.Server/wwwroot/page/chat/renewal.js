import * as session from "./session.js";

const retryMs = 30_000;
const longestTimerMs = 24 * 60 * 60_000;

/** Renews the token of a session when half of its life is over, so that a user who comes back within a month stays logged in. */
export class Renewal {
  #api;
  #userId;
  #timer;
  #listening = new AbortController();

  constructor(api, userId) {
    this.#api = api;
    this.#userId = userId;
    document.addEventListener("visibilitychange", () => document.hidden || this.#plan(), { signal: this.#listening.signal });
    this.#plan();
  }

  close() {
    this.#listening.abort();
    clearTimeout(this.#timer);
  }

  /** Takes over the token of a session that another tab has written. Whether it is this user's. */
  adopt(stored) {
    if (stored?.id !== this.#userId) {
      return false;
    }
    this.#api.token = stored.token;
    this.#plan();
    return true;
  }

  #plan(atLeastMs = 0) {
    clearTimeout(this.#timer);
    const wait = Math.max((session.current()?.renewAt ?? 0) - Date.now(), atLeastMs);
    this.#timer = setTimeout(() => wait > longestTimerMs ? this.#plan() : this.#renew(), Math.min(wait, longestTimerMs));
  }

  async #renew() {
    const old = this.#api.token;
    let failed = false;
    try {
      const { token } = await this.#api.post("token");
      // Another tab may have logged in again meanwhile.
      if (!this.#listening.signal.aborted && this.#api.token === old) {
        // Tabs that renew at once get the same token.
        this.#api.token = token;
        session.replaceToken(old, token);
      }
    } catch {
      // A 401 ends the session, which closes this.
      failed = true;
    }
    if (!this.#listening.signal.aborted) {
      this.#plan(failed ? retryMs : 1_000);
    }
  }
}
