import { Emitter } from "../base/emitter.js";

/** A larger gap is not filled: its messages are loaded by scrolling. */
const maxGap = 1000;

const retryMs = 3_000;

/** Joins in flight; after a refusal for the rate, each waits, so that something is left to other requests. */
const parallel = 16;
const slowMs = 320;

/**
 * Follows conversations live: joins each once on a connection, and updates its timeline. Emits `joined` and `shorter`
 * with { id, seq }; `caught-up` with { id, count } after missed messages; and `refused`
 * with the id of a conversation that this user is not in.
 */
export class Following extends Emitter {
  #connection;
  #history;
  #timelineOf;
  #lastSeqOf;
  #newsFrom;
  #isOpen;
  #joining = new Map();
  #joined = new Set();
  #filling = new Set();
  #rounds = 0;
  #isSlow = false;
  #isFull = false;

  constructor(connection, history, timelineOf, lastSeqOf, newsFrom, isOpen) {
    super();
    this.#connection = connection;
    this.#history = history;
    this.#timelineOf = timelineOf;
    this.#lastSeqOf = lastSeqOf;
    this.#newsFrom = newsFrom;
    this.#isOpen = isOpen;
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
    this.#rounds++;
    this.#isFull = this.#isSlow = false;
  }

  /** Follows many conversations, the first ones first, as far as the server's limits allow. */
  async followAll(ids) {
    const round = ++this.#rounds;
    const waiting = [...ids].reverse();
    await Promise.all(Array.from({ length: parallel }, async () => {
      while (waiting.length > 0 && round === this.#rounds && !this.#isFull) {
        await this.#once(waiting.pop());
        if (this.#isSlow) {
          await new Promise(resolve => setTimeout(resolve, slowMs));
        }
      }
    }));
  }

  /** Follows one conversation; where the connection has joined as many as it may, in place of the last joined one that is not open. */
  async follow(id) {
    await this.#once(id);
    const other = [...this.#joined].findLast(each => !this.#isOpen(each));
    if (this.#isFull && other && !this.#joined.has(id) && this.#connection.isOnline) {
      this.#joined.delete(other);
      await this.#connection.request({ type: "leave", conversation_id: other }).catch(() => {});
      await this.#once(id);
      // Not the next one to be left.
      if (this.#joined.delete(id)) {
        this.#joined = new Set([id, ...this.#joined]);
      }
    }
  }

  #once(id) {
    if (!this.#connection.isOnline || this.#joined.has(id)) {
      return Promise.resolve();
    }
    if (!this.#joining.has(id)) {
      this.#joining.set(id, this.#join(id).finally(() => this.#joining.delete(id)));
    }
    return this.#joining.get(id);
  }

  /** Loads the events that are missing before those that wait. */
  async fill(id) {
    if (this.#filling.has(id)) {
      return;
    }
    this.#filling.add(id);
    const timeline = this.#timelineOf(id);
    try {
      while (timeline.hasGap) {
        if (timeline.gap > maxGap) {
          await this.#history.reload(id, this.#lastSeqOf(id));
        } else if (!await this.#history.fill(id)) {
          break;
        }
      }
    } catch {
      // The next join starts after the loaded messages.
    } finally {
      this.#filling.delete(id);
    }
  }

  async #join(id) {
    const timeline = this.#timelineOf(id);
    const known = timeline.end;
    const after = known || (this.#newsFrom(id) ?? this.#lastSeqOf(id));
    try {
      const ack = await this.#connection.request({ type: "join", conversation_id: id, after });
      this.#joined.add(id);
      timeline.startAt(ack.replayed ? after : ack.seq);
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
        this.#isSlow ||= error.code === "rate_limited";
        setTimeout(() => this.#once(id), error.retryAfterMs || retryMs);
      } else {
        this.#isFull ||= error.code === "too_many_joined";
      }
      // Otherwise it is joined again: on the next connection, or when it is opened.
    }
  }

  /** Too far behind, or ahead of a restored server: what is read stays, and what follows it is loaded by scrolling. */
  async #startAnew(id, lastSeq) {
    const timeline = this.#timelineOf(id);
    if (timeline.end > lastSeq) {
      timeline.clear();
      this.emit("shorter", { id, seq: lastSeq });
    }
    try {
      await this.#history.reload(id, lastSeq);
    } catch {
      setTimeout(() => this.#joined.has(id) && this.#startAnew(id, lastSeq), retryMs);
    }
  }
}
