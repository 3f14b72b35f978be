import { Emitter } from "../base/emitter.js";
import * as storage from "../base/storage.js";

/** The shortest time between two frames with marks. */
const sendMs = 400;

/**
 * How far this user has read in each conversation, and how much is unread. The server keeps it for all devices; what is read here
 * counts at once, and is sent soon.
 */
export class ReadMarks extends Emitter {
  #userId;
  #connection;
  #messagesOf;
  #epoch;
  #marks = new Map();

  /** The conversations whose mark the server does not have yet. */
  #unsent = new Set();
  #timer = null;

  /** @param messagesOf the loaded messages of a conversation */
  constructor(userId, connection, messagesOf) {
    super();
    this.#userId = userId;
    this.#connection = connection;
    this.#messagesOf = messagesOf;
    this.#epoch = `epoch.${userId}`;
  }

  close() {
    clearTimeout(this.#timer);
    this.#send();
  }

  /** The epoch of what this browser has stored: in another one it is invalid. */
  get epoch() {
    return storage.read(this.#epoch);
  }

  set epoch(epoch) {
    storage.write(this.#epoch, epoch);
  }

  of(id) {
    return this.#marks.get(id)?.seq ?? 0;
  }

  unread(id) {
    return this.#marks.get(id)?.unread ?? 0;
  }

  mentions(id) {
    return this.#marks.get(id)?.mentions ?? 0;
  }

  /** Takes over what the server says. Messages up to `last_seq` are counted in it. */
  learn({ id, last_read_seq: seq, unread_count: unread, unread_mentions: mentions, last_seq: counted }) {
    const known = this.#marks.get(id);
    // An event tells of a conversation without them, and an answer may be older than what was received since.
    if (seq === undefined ? known : known?.counted > counted) {
      return;
    }
    this.#marks.set(id, { seq: seq ?? 0, unread: unread ?? 0, mentions: mentions ?? 0, counted });
    if (known?.seq > seq) {
      this.#move(id, known.seq);
    }
  }

  /** Another member's message has come. */
  count(id, message) {
    const mark = this.#marks.get(id);
    if (mark && message.seq > mark.counted) {
      const mentions = mark.mentions + Number(this.isMention(message));
      this.#marks.set(id, { ...mark, counted: message.seq, unread: mark.unread + 1, mentions });
      this.emit("change");
    }
  }

  /** The user has read up to an event. */
  raise(id, seq) {
    if (this.moved(id, seq)) {
      this.#unsent.add(id);
      this.flush();
    }
  }

  /** The server knows already: it was read on another device, or an own message was stored. Returns whether it is new. */
  moved(id, seq) {
    const isNew = this.#marks.has(id) && seq > this.of(id);
    if (isNew) {
      this.#move(id, seq);
      this.emit("change");
    }
    return isNew;
  }

  /** Whether a message mentions this user. */
  isMention = message => message.mentions?.includes(this.#userId) === true;

  /** The server may have been restored, or the user is no longer in it. */
  forget(id) {
    this.#marks.delete(id);
    this.#unsent.delete(id);
  }

  /** Sends what is not sent yet, after a reconnect too. */
  flush() {
    if (this.#timer === null && this.#unsent.size > 0 && this.#connection.isOnline) {
      this.#send();
      this.#wait(sendMs);
    }
  }

  #move(id, seq) {
    const mark = this.#marks.get(id);
    const read = this.#messagesOf(id).filter(message => message.seq > mark.seq && message.seq <= seq);
    const isAll = seq >= mark.counted;
    this.#marks.set(id, {
      seq,
      counted: Math.max(mark.counted, seq),
      unread: isAll ? 0 : Math.max(0, mark.unread - read.length),
      mentions: isAll ? 0 : Math.max(0, mark.mentions - read.filter(message => this.isMention(message)).length),
    });
  }

  #send() {
    for (const id of this.#unsent) {
      const seq = this.of(id);
      this.#unsent.delete(id);
      this.#connection.request({ type: "read", conversation_id: id, seq }).catch(error => {
        if (error.code === "disconnected" || error.retryAfterMs) {
          this.#unsent.add(id);
          this.#wait(error.retryAfterMs || sendMs);
        }
      });
    }
  }

  #wait(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.flush();
    }, ms);
  }
}
