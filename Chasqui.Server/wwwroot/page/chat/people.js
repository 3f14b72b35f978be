import { Emitter } from "../base/emitter.js";

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
    users.forEach(user => this.#names.set(user.id, user.username));
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
      // A 404 is final; other failures are tried again.
      if (error.status !== 404) {
        this.#asked.delete(id);
      }
    }
  }
}
