import { Emitter } from "../base/emitter.js";

/** Names by user id. Members come with their conversations; whoever has left is asked for. */
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
    return this.#names.get(id) ?? "Somebody";
  }

  async #ask(id) {
    this.#asked.add(id);
    try {
      this.learn([await this.#api.get(`users/${encodeURIComponent(id)}`)]);
      this.emit("change");
    } catch (error) {
      // Gone, which is final; or not reached, which is asked again.
      if (error.status !== 404) {
        this.#asked.delete(id);
      }
    }
  }
}
