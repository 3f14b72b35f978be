import { Emitter } from "../base/emitter.js";

/** The name of an account that has none any more. The end of its id tells it from others. */
const nameOfDeleted = id => `Deleted account ${id.slice(-4)}`;

/** What to call a user or a member. */
export const nameOf = user => user.deleted ? nameOfDeleted(user.id) : user.display_name ?? user.username;

/**
 * Names by user id. Members are in their conversations; former members are looked up. Emits `change` when a name has changed.
 */
export class People extends Emitter {
  #api;
  #names = new Map();
  #asked = new Set();

  constructor(api) {
    super();
    this.#api = api;
  }

  learn(users) {
    let hasChanged = false;
    for (const user of users) {
      hasChanged ||= this.#names.has(user.id) && this.#names.get(user.id) !== nameOf(user);
      this.#names.set(user.id, nameOf(user));
    }
    if (hasChanged) {
      this.emit("change");
    }
  }

  name(id) {
    if (!this.#names.has(id) && !this.#asked.has(id)) {
      this.#ask(id);
    }
    return this.#names.get(id) ?? "Unknown user";
  }

  async #ask(id) {
    this.#asked.add(id);
    try {
      this.learn([await this.#api.get(`users/${encodeURIComponent(id)}`)]);
      this.emit("change");
    } catch (error) {
      if (error.status === 404) {
        // It has written or has been a member: it was deleted.
        this.learn([{ id, deleted: true }]);
        this.emit("change");
      } else {
        // Asked again when the name is needed.
        this.#asked.delete(id);
      }
    }
  }
}
