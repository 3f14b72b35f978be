import { h } from "../base/dom.js";
import { confirm } from "./dialog.js";
import { excerpt } from "./message.js";
import { openMessageMenu } from "./message-menu.js";

/** What can be done with the messages of a conversation. What fails says so in `notice`, and can be tried again. */
export class MessageActions {
  #chat;
  #id;
  #composer;

  notice = h("div", { class: "notice", role: "alert", hidden: true });

  /** @param jump shows the message with a seq */
  constructor(chat, id, composer, jump) {
    this.#chat = chat;
    this.#id = id;
    this.#composer = composer;
    this.jump = jump;
  }

  nameOf = user => this.isMe(user) ? "You" : this.#chat.people.name(user);

  isMe = user => user === this.#chat.me.id;

  /** The names of the others who have read up to an event, without those who were added after it. */
  seenBy(seq) {
    const { people, conversations } = this.#chat;
    const later = this.#chat.timeline(this.#id).entries.filter(entry => entry.type === "MemberAdded" && entry.seq > seq)
      .map(({ member }) => member.id);
    return conversations.get(this.#id).members
      .filter(({ id, last_read_seq: read }) => !this.isMe(id) && read >= seq && !later.includes(id))
      .map(({ id }) => people.name(id));
  }

  quoted = reference => this.#chat.quotes.of(this.#id, reference);

  /** Adds or takes back a reaction; one that is there already is taken back. */
  toggle = (messageId, emoji, isAdded) => this.attempt("The reaction was not saved", async () => {
    const { duplicate } = await this.#change(isAdded ? "react" : "unreact", messageId, { emoji });
    if (duplicate && isAdded) {
      // A message carries the first users of a reaction only, and this one is not among them.
      await this.#change("unreact", messageId, { emoji });
    }
  });

  edit(message, content) {
    if (content !== message.content) {
      this.attempt("The message was not changed", () => this.#change("edit", message.id, { content }));
    }
  }

  editLast() {
    const last = this.#chat.timeline(this.#id).messages.findLast(message => this.isMe(message.sender_id) && !message.deleted_at);
    if (last) {
      this.#composer.edit(last);
    }
  }

  openMenu = (messageId, anchor) => {
    const message = this.#chat.timeline(this.#id).find(messageId);
    const { conversation_type: type, members } = this.#chat.conversations.get(this.#id);
    const isMine = this.isMe(message.sender_id);
    const isOwner = type === "group" && members.some(member => this.isMe(member.id) && member.role === "owner");
    const link = new URL(`#c/${this.#id.slice("conv:".length)}/${message.seq}`, location.href).href;
    const react = emoji => this.attempt("The reaction was not saved", () => this.#change("react", messageId, { emoji }));
    openMessageMenu(anchor, react, [
      { label: "Reply", run: () => this.#composer.reply(message, this.nameOf(message.sender_id), excerpt(message)) },
      isMine && { label: "Edit", run: () => this.#composer.edit(message) },
      { label: "Copy text", run: () => this.#copy(message.content) },
      { label: "Copy link", run: () => this.#copy(link) },
      (isMine || isOwner) && { label: "Delete", run: () => this.#delete(message) },
    ].filter(Boolean));
  };

  /** Says what failed, and offers to try it again. */
  async attempt(failed, action) {
    this.notice.hidden = true;
    try {
      await action();
    } catch (error) {
      this.notice.hidden = false;
      this.notice.replaceChildren(
        h("span", {}, `${failed}: ${error.message}. `),
        h("button", { type: "button", class: "link", onclick: () => this.attempt(failed, action) }, "Try again"),
        h("button", { type: "button", class: "link", onclick: () => { this.notice.hidden = true; } }, "Dismiss"));
    }
  }

  #copy(text) {
    this.attempt("Nothing was copied", () => navigator.clipboard?.writeText(text)
      ?? Promise.reject(new Error("this browser allows it on HTTPS only")));
  }

  async #delete(message) {
    const text = "It is deleted for everybody, and cannot be brought back.";
    if (await confirm({ title: "Delete this message?", text, action: "Delete" })) {
      this.attempt("The message was not deleted", () => this.#change("delete", message.id));
    }
  }

  #change(type, messageId, fields = {}) {
    return this.#chat.connection.request({ type, conversation_id: this.#id, message_id: messageId, ...fields });
  }
}
