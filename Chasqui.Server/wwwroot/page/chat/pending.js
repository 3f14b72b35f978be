/** The messages that are shown below the stored ones: not acknowledged, or acknowledged and not received yet. */
export class Pending {
  #userId;
  #outbox;
  #timelineOf;

  /** The ids of acknowledged messages: they are not pending any more. */
  #acknowledged = new Set();

  constructor(userId, outbox, timelineOf) {
    this.#userId = userId;
    this.#outbox = outbox;
    this.#timelineOf = timelineOf;
  }

  of(id) {
    const timeline = this.#timelineOf(id);
    const claimed = new Set();
    return this.#outbox.of(id).filter(entry => {
      // It may arrive before its Ack, or after the connection with its Ack was lost.
      const stored = entry.failed ? undefined : timeline.messages.find(message => message.seq > entry.after
        && message.sender_id === this.#userId && message.content === entry.content && !claimed.has(message.seq)
        && !this.#acknowledged.has(message.id));
      claimed.add(stored?.seq);
      return !stored;
    });
  }

  acknowledge(messageId) {
    this.#acknowledged.add(messageId);
  }

  /** After a restore an id may be unknown to the server. */
  clear() {
    this.#acknowledged.clear();
  }
}
