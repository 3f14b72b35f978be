import { Emitter } from "../base/emitter.js";
import { largestPage, messagesOf, pageSize } from "./history.js";

/** A larger gap is not filled: the newest page is shown, and older pages are loaded by scrolling. */
const maxGap = 1000;

const retryMs = 3_000;

/**
 * Follows conversations live: joins each once on a connection, and updates its timeline. Emits `joined` and `shorter`
 * with { id, seq }; `timeline` with the id of a conversation; `caught-up` with { id, count } after missed messages; and `refused`
 * with the id of a conversation that this user is not in.
 */
export class Following extends Emitter {
  #connection;
  #api;
  #timelineOf;
  #lastSeqOf;
  #joining = new Map();
  #joined = new Set();
  #filling = new Set();

  constructor(connection, api, timelineOf, lastSeqOf) {
    super();
    this.#connection = connection;
    this.#api = api;
    this.#timelineOf = timelineOf;
    this.#lastSeqOf = lastSeqOf;
  }

  has(id) {
    return this.#joined.has(id);
  }

  forget(id) {
    this.#joined.delete(id);
  }

  /** The connection is lost, with everything that was joined on it. */
  clear() {
    this.#joined.clear();
  }

  follow(id) {
    if (!this.#connection.isOnline || this.#joined.has(id)) {
      return Promise.resolve();
    }
    if (!this.#joining.has(id)) {
      this.#joining.set(id, this.#join(id).finally(() => this.#joining.delete(id)));
    }
    return this.#joining.get(id);
  }

  /** Loads the messages that are missing before those in `ahead`. */
  async fill(id) {
    if (this.#filling.has(id)) {
      return;
    }
    this.#filling.add(id);
    const timeline = this.#timelineOf(id);
    try {
      while (timeline.hasGap) {
        if (timeline.gap > maxGap) {
          timeline.replace(await this.#api.get(`${messagesOf(id)}?limit=${pageSize}`));
        } else {
          const missing = await this.#api.get(`${messagesOf(id)}?after=${timeline.last}&limit=${largestPage}`);
          missing.forEach(message => timeline.offer(message));
          if (missing.length === 0) {
            break;
          }
        }
        this.emit("timeline", id);
      }
    } catch {
      // The next join starts after the loaded messages.
    } finally {
      this.#filling.delete(id);
    }
  }

  async #join(id) {
    const known = this.#timelineOf(id).last;
    // For the list, the newest message is enough.
    const after = known || Math.max(0, this.#lastSeqOf(id) - 1);
    try {
      const ack = await this.#connection.request({ type: "join", conversation_id: id, after });
      this.#joined.add(id);
      if (ack.replayed === false) {
        await this.#startAnew(id, ack.seq);
      }
      this.emit("joined", { id, seq: ack.seq });
      if (known && ack.seq > known) {
        this.emit("caught-up", { id, count: ack.seq - known });
      }
    } catch (error) {
      if (error.code === "conversation_not_found") {
        this.emit("refused", id);
      } else if (error.retryAfterMs || error.code === "internal_error") {
        setTimeout(() => this.follow(id), error.retryAfterMs || retryMs);
      }
      // Otherwise it is joined again: on the next connection, or, if too many are joined, when it is opened.
    }
  }

  /** Too far behind, or ahead of a restored server: restarts with the newest page. */
  async #startAnew(id, lastSeq) {
    const timeline = this.#timelineOf(id);
    if (timeline.last > lastSeq) {
      timeline.clear();
      this.emit("shorter", { id, seq: lastSeq });
    }
    try {
      timeline.replace(await this.#api.get(`${messagesOf(id)}?limit=${pageSize}`));
    } catch {
      setTimeout(() => this.#joined.has(id) && this.#startAnew(id, lastSeq), retryMs);
    }
    this.emit("timeline", id);
  }
}
