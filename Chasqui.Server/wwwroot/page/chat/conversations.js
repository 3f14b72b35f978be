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
    this.set(conversation.id, known && known.updated_at > conversation.updated_at
      ? { ...conversation, updated_at: known.updated_at, last_seq: Math.max(known.last_seq, conversation.last_seq) }
      : conversation);
  }

  raise(id, seq, time) {
    const conversation = this.get(id);
    conversation.last_seq = Math.max(conversation.last_seq, seq);
    if (time > conversation.updated_at) {
      conversation.updated_at = time;
    }
  }

  /** After a restore the server may have fewer messages. */
  limit(id, seq) {
    const conversation = this.get(id);
    if (conversation) {
      conversation.last_seq = seq;
    }
  }

  /** After a restore: the next list is newer than this. */
  outdate() {
    for (const conversation of this.values()) {
      conversation.updated_at = unknownTime;
      conversation.last_seq = 0;
    }
  }
}

/** Times and ids sort as their characters do. */
const compare = (one, other) => one < other ? -1 : one > other ? 1 : 0;
