import { h, hidden, reconcile, spinner } from "../base/dom.js";
import { plainText } from "../base/markup.js";
import { fullTime, shortTime } from "../base/times.js";
import { avatar, groupAvatar } from "./avatar.js";

/** The conversations, latest activity first, with the newest message and the number of unread ones. */
export class ConversationList {
  #chat;
  #openId = null;
  #stops;
  #isStale = false;
  #items = h("ul", { class: "conversations", role: "list" });
  #note = h("div", { class: "list-note" });

  constructor(chat) {
    this.#chat = chat;
    this.element = h("nav", { class: "list", "aria-label": "Conversations", onkeydown: event => this.#move(event) }, this.#items, this.#note);
    const later = () => this.#later();
    this.#stops = ["conversations", "timeline"].map(name => chat.on(name, later));
    this.#stops.push(chat.people.on("change", later));
    this.#render();
  }

  close() {
    this.#stops.forEach(stop => stop());
  }

  select(id) {
    this.#openId = id;
    this.#render();
  }

  /** Back from a conversation, the focus returns to its row. */
  focus(id) {
    this.#items.querySelector(`[href="${hrefOf(id)}"]`)?.focus();
  }

  /** Several changes at once are drawn once. */
  #later() {
    if (!this.#isStale) {
      this.#isStale = true;
      queueMicrotask(() => {
        this.#isStale = false;
        this.#render();
      });
    }
  }

  #render() {
    const list = this.#chat.list;
    const focused = document.activeElement?.closest?.(".conversation")?.getAttribute("href");
    reconcile(this.#items, list.map(conversation => this.#row(conversation)));
    // A row that was rebuilt or moved has lost the focus.
    if (focused && document.activeElement === document.body) {
      this.#items.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
    }
    this.#note.replaceChildren(...(this.#chat.loaded
      ? list.length ? [] : [h("p", { class: "muted" }, "No conversations yet. Start one with “New chat”.")]
      : [spinner("Loading conversations")]));
  }

  #row(conversation) {
    const { id } = conversation;
    const title = this.#chat.title(conversation);
    const preview = this.#preview(conversation);
    const unread = this.#chat.attention(conversation);
    const isOpen = id === this.#openId;
    const time = shortTime(conversation.updated_at);
    return {
      key: id,
      version: JSON.stringify([title, preview, unread, isOpen, time]),
      build: () => h("li", {}, h("a", { class: unread ? "conversation unread" : "conversation", href: hrefOf(id), "aria-current": isOpen ? "page" : null },
        conversation.conversation_type === "group" ? groupAvatar(id) : avatar(title, other(conversation, this.#chat.me.id)),
        h("span", { class: "conversation-name" }, h("bdi", {}, title)),
        h("time", { class: "conversation-time", datetime: conversation.updated_at, title: fullTime(conversation.updated_at) }, time),
        h("span", { class: "conversation-preview" }, h("bdi", {}, preview)),
        unread > 0 && h("span", { class: "badge" }, unread > 99 ? "99+" : String(unread), hidden(" unread")))),
    };
  }

  #preview(conversation) {
    const pending = this.#chat.outbox.of(conversation.id).at(-1);
    const last = this.#chat.timeline(conversation.id).messages.at(-1);
    if (pending) {
      return `${pending.failed ? "Not sent" : "Sending"}: ${oneLine(pending.content)}`;
    }
    if (!last) {
      return conversation.last_seq ? "…" : "No messages yet";
    }
    const who = last.sender_id === this.#chat.me.id ? "You: "
      : conversation.conversation_type === "group" ? `${this.#chat.people.name(last.sender_id)}: ` : "";
    return who + oneLine(last.content);
  }

  /** Arrow keys, Home and End move in the list. */
  #move(event) {
    const links = [...this.#items.querySelectorAll(".conversation")];
    const at = links.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (at >= 0 && to !== undefined) {
      event.preventDefault();
      links[Math.min(Math.max(to, 0), links.length - 1)].focus();
    }
  }
}

const hrefOf = id => `#c/${id.slice("conv:".length)}`;

const oneLine = text => plainText(text.slice(0, 400)).slice(0, 200);

const other = (conversation, me) => conversation.members.find(member => member.id !== me)?.id ?? me;
