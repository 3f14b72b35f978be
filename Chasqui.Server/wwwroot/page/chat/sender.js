import { Backoff } from "../net/backoff.js";

/** Temporary refusals, with or without a time to wait. */
const passing = new Set(["rate_limited", "overloaded", "storage_unavailable", "server_stopping", "internal_error"]);

/** Sends the outbox, one message of a conversation at a time, so that a refusal cannot change the order. */
export class Sender {
  #connection;
  #outbox;
  #delivered;
  #refused;
  #ready = new Set();
  #busy = new Set();
  #retries = new Map();
  #backoff = new Backoff();

  /** @param delivered called with an entry and its Ack @param refused called with an entry and the error */
  constructor(connection, outbox, delivered, refused) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#delivered = delivered;
    this.#refused = refused;
    outbox.on("change", () => [...outbox.conversations].filter(id => this.#ready.has(id)).forEach(id => this.#pump(id)));
    connection.on("state", state => state.phase === "online" || this.#ready.clear());
  }

  /** Called when the conversation is joined on this connection. */
  begin(conversation) {
    this.#ready.add(conversation);
    this.#pump(conversation);
  }

  close() {
    this.#ready.clear();
    this.#retries.forEach(timer => clearTimeout(timer));
    this.#retries.clear();
  }

  async #pump(conversation) {
    if (this.#busy.has(conversation) || this.#retries.has(conversation)) {
      return;
    }
    this.#busy.add(conversation);
    let entry;
    while (this.#ready.has(conversation) && (entry = this.#outbox.next(conversation))) {
      this.#outbox.claim(entry);
      try {
        const ack = await this.#connection.request({
          type: "message", conversation_id: conversation, content: entry.content, client_message_id: entry.id,
          reply_to: entry.replyTo?.id,
        });
        this.#delivered(entry, ack);
        this.#outbox.remove(entry);
        this.#backoff.reset();
      } catch (error) {
        if (error.code === "disconnected") {
          break;
        }
        if (error.retryAfterMs > 0 || passing.has(error.code)) {
          this.#later(conversation, this.#backoff.next(error.retryAfterMs));
          break;
        }
        this.#outbox.fail(entry, error.message);
        this.#refused(entry, error);
      }
    }
    this.#busy.delete(conversation);
  }

  #later(conversation, ms) {
    this.#retries.set(conversation, setTimeout(() => {
      this.#retries.delete(conversation);
      this.#pump(conversation);
    }, ms));
  }
}
