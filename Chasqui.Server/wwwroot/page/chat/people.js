import { Emitter } from "../base/emitter.js";

/** The name of an account that has none any more. The end of its id tells it from others. */
const nameOfDeleted = id => `Deleted account ${id.slice(-4)}`;

/** Names by user id. Members are in their conversations; former members are looked up. */
export class People extends Emitter {
  #api;
  #names = new Map();
  #asked = new Set();

  constructor(api) {
    super();
    this.#api = api;
  }

  learn(users) {
    users.forEach(user => this.#names.set(user.id, user.deleted ? nameOfDeleted(user.id) : user.username));
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
