const membersAtOnce = 100;

const pathOf = (id, what = "") => `conversations/${encodeURIComponent(id)}${what}`;

/** What the members of a group can change about it. */
export class Groups {
  #chat;

  constructor(chat) {
    this.#chat = chat;
  }

  async rename(id, name) {
    this.#chat.learn(await this.#chat.api.patch(pathOf(id), { name }));
    this.#chat.emit("conversations");
  }

  /** A page of the members, in the order of their ids. @param after the id of the last one before it */
  members(id, after = null) {
    const from = after ? `&after=${encodeURIComponent(after)}` : "";
    return this.#chat.api.get(pathOf(id, `/members?limit=${membersAtOnce}${from}`));
  }

  /** Adds all of them or none. */
  async add(id, userIds) {
    await this.#chat.api.post(pathOf(id, "/participants"), { identifiers: userIds });
  }

  async remove(id, userId) {
    await this.#chat.api.delete(pathOf(id, `/participants/${encodeURIComponent(userId)}`));
    if (userId === this.#chat.me.id) {
      this.#chat.remove(id, true);
    }
  }
}
