import { Emitter } from "../base/emitter.js";

const askMs = 50;
const mostAsked = 100;

/** A client ends what was not repeated for this time. */
const typingMs = 7_000;

/** How often the server hears that this user types on. */
const repeatMs = 3_000;

/** Who is there, and who types. Emits `change`. */
export class Presence extends Emitter {
  #api;
  #connection;
  #known = new Map();
  #wanted = new Set();
  #timer = null;

  /** By conversation: the users who type, with the timers that end it. */
  #typing = new Map();

  /** Where this user types, and when the server heard it last. */
  #told = { id: null, at: 0 };

  constructor(api, connection) {
    super();
    this.#api = api;
    this.#connection = connection;
    document.addEventListener("visibilitychange", this.#tell);
  }

  close() {
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#tell);
  }

  /** { status, last_seen_at? } of a user; undefined until it is known. */
  of(user) {
    if (!this.#known.has(user)) {
      this.#known.set(user, undefined);
      this.#wanted.add(user);
      this.#timer ??= setTimeout(() => this.#ask(), askMs);
    }
    return this.#known.get(user);
  }

  /** The users who type in a conversation. */
  typing(id) {
    return [...this.#typing.get(id)?.keys() ?? []];
  }

  /** A new connection: what happened without one is not known. */
  restart() {
    this.#wanted = new Set(this.#known.keys());
    this.#typing.forEach(users => users.forEach(clearTimeout));
    this.#typing.clear();
    this.#told = { id: null, at: 0 };
    this.#ask();
    this.#tell();
  }

  receive(event) {
    if (event.type === "PresenceChanged") {
      this.#known.set(event.user_id, event);
    } else {
      this.#type(event);
    }
    this.emit("change");
  }

  /** A message of the user has come. */
  wrote(id, user) {
    if (this.#typing.get(id)?.has(user)) {
      this.receive({ type: "Typing", conversation_id: id, user_id: user, active: false });
    }
  }

  /** This user types in a conversation, or no longer does. */
  setTyping(id, active) {
    const isTold = this.#told.id === id && Date.now() - this.#told.at < repeatMs;
    if (active ? !isTold : this.#told.id === id) {
      this.#told = active ? { id, at: Date.now() } : { id: null, at: 0 };
      this.#connection.request({ type: "typing", conversation_id: id, active }).catch(() => {});
    }
  }

  /** A message ends it without a word. */
  sent() {
    this.#told = { id: null, at: 0 };
  }

  #type({ conversation_id: id, user_id: user, active }) {
    const users = this.#typing.get(id) ?? new Map();
    clearTimeout(users.get(user));
    users.delete(user);
    if (active) {
      users.set(user, setTimeout(() => this.receive({ type: "Typing", conversation_id: id, user_id: user, active: false }), typingMs));
    }
    this.#typing.set(id, users);
  }

  async #ask() {
    this.#timer = null;
    const users = [...this.#wanted];
    this.#wanted.clear();
    for (let at = 0; at < users.length; at += mostAsked) {
      const part = users.slice(at, at + mostAsked);
      try {
        (await this.#api.get(`presence?users=${part.map(encodeURIComponent).join(",")}`)).forEach(known => this.#known.set(known.user_id, known));
        this.emit("change");
      } catch {
        // Asked again when it is needed.
        part.forEach(user => this.#known.delete(user));
      }
    }
  }

  #tell = () => this.#connection.request({ type: "presence", status: document.hidden ? "away" : "online" }).catch(() => {});
}
