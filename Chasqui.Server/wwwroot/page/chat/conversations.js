import { changed, isNote, seqOf } from "./events.js";

/** A time that is not known: it sorts before all others, and is shown as nothing. */
const unknownTime = "";

/** The conversations of one user, by id. */
export class Conversations extends Map {
  #readings = 0;

  /** Conversations from other sources than the list, with the number of the last reading before. */
  #created = new Map();

  get byActivity() {
    return [...this.values()].sort((a, b) => compare(b.updated_at, a.updated_at) || compare(b.id, a.id));
  }

  /** Conversations that this user is no longer in, likewise. */
  #removed = new Map();

  /** Called before the list is read; returns the number of the reading. */
  beginReading() {
    return ++this.#readings;
  }

  /** It was opened: a list that is being read may lack it. */
  created(id) {
    this.#created.set(id, this.#readings);
    this.#removed.delete(id);
  }

  /** The user is no longer in it: a list that is being read may still have it. */
  removed(id) {
    this.delete(id);
    this.#removed.set(id, this.#readings);
  }

  /** Whether the user was removed while the list was read. */
  isRemovedSince(id, reading) {
    return this.#removed.get(id) >= reading;
  }

  /** The ids of the known conversations that are no longer in the list. */
  missingIn(list, reading) {
    const ids = new Set(list.map(conversation => conversation.id));
    return [...this.keys()].filter(id => !ids.has(id) && !(this.#created.get(id) >= reading));
  }

  /** Takes over what the server says of a conversation. An event may have arrived before its answer. */
  learn(conversation) {
    const known = this.get(conversation.id);
    this.set(conversation.id, known?.updated_at ? {
      ...conversation,
      updated_at: latest(known.updated_at, conversation.updated_at),
      last_seq: Math.max(known.last_seq, conversation.last_seq),
      last_message: newest(known.last_message, conversation.last_message),
    } : conversation);
  }

  raise(id, seq) {
    const conversation = this.get(id);
    conversation.last_seq = Math.max(conversation.last_seq, seq);
  }

  /** An event of its log has come. */
  apply(id, event) {
    const conversation = this.get(id);
    const { message } = event;
    this.raise(id, seqOf(event));
    if (message) {
      conversation.last_message = newest(conversation.last_message, message);
      conversation.updated_at = latest(conversation.updated_at, message.created_at);
    } else if (isNote(event)) {
      conversation.updated_at = latest(conversation.updated_at, event.created_at);
    } else if (conversation.last_message) {
      conversation.last_message = changed(conversation.last_message, event);
    }
  }

  /** A member has read up to an event. */
  markRead(id, user, seq) {
    const member = this.get(id)?.members.find(each => each.id === user);
    if (member) {
      member.last_read_seq = Math.max(member.last_read_seq ?? 0, seq);
    }
  }

  /** After a restore the server may have fewer messages. */
  limit(id, seq) {
    const conversation = this.get(id);
    if (conversation) {
      conversation.last_seq = seq;
      conversation.last_message = undefined;
    }
  }

  /** After a restore: the next list is newer than this. */
  outdate() {
    for (const conversation of this.values()) {
      conversation.updated_at = unknownTime;
      conversation.last_seq = 0;
      conversation.last_message = undefined;
    }
  }
}

/** The one of two states of messages that is newer. */
const newest = (one, other) => !one || !other ? one ?? other
  : one.seq === other.seq ? ((one.updated_seq ?? 0) > (other.updated_seq ?? 0) ? one : other)
  : one.seq > other.seq ? one : other;

const latest = (one, other) => one > other ? one : other;

/** Times and ids sort as their characters do. */
const compare = (one, other) => one < other ? -1 : one > other ? 1 : 0;
