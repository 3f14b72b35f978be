import { h, hidden, name, reconcile, spinner } from "../base/dom.js";
import { later } from "../base/later.js";
import { plainText } from "../base/markup.js";
import { fullTime, shortTime } from "../base/times.js";
import { avatar, groupAvatar } from "./avatar.js";
import { draftOf } from "./composer.js";

/** Rows above and below those in view that are in the DOM too, for scrolling without gaps. */
const margin = 30;

/** The height of a row in list.css, until there is one to measure. */
const usualHeight = 64;

/**
 * The conversations, latest activity first, with the newest message and the number of unread ones. Only the rows around those in
 * view are in the DOM; all have the same height.
 */
export class ConversationList {
  #chat;
  #openId = null;
  #stops;
  #shown = [];
  #later = later(() => this.#render());
  #observer = new ResizeObserver(this.#later);
  #items = h("ul", { class: "conversations", role: "list" });
  #note = h("div", { class: "list-note" });

  constructor(chat) {
    this.#chat = chat;
    this.element = h("nav", {
      class: "list", tabindex: "-1", "aria-label": "Conversations", onkeydown: event => this.#move(event), onscroll: this.#later,
    }, this.#items, this.#note);
    this.#stops = ["conversations", "timeline"].map(event => chat.on(event, this.#later));
    this.#stops.push(chat.people.on("change", this.#later), chat.presence.on("change", this.#later));
    this.#observer.observe(this.element);
    this.#render();
  }

  close() {
    this.#stops.forEach(stop => stop());
    this.#observer.disconnect();
  }

  select(id) {
    this.#openId = id;
    this.#render();
  }

  /** Back from a conversation, the focus returns to its row; to the first row or the list if there is none any more. */
  focus(id) {
    this.#render(id);
    (this.#link(id) ?? this.#items.querySelector("a") ?? this.element).focus();
  }

  #link(id) {
    return this.#items.querySelector(`[href="${CSS.escape(hrefOf(id))}"]`);
  }

  get #height() {
    return this.#items.firstElementChild?.offsetHeight || usualHeight;
  }

  /** @param neededId a conversation whose row must be in the DOM */
  #render(neededId = this.#focusedId) {
    const list = this.#chat.list;
    const height = this.#height;
    this.#stay(list, height);
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / height) - margin);
    const end = Math.ceil((scrollTop + clientHeight) / height) + margin;
    const places = list.map((_, place) => place).slice(first, end);
    const needed = list.findIndex(conversation => conversation.id === neededId);
    if (needed >= 0 && (needed < first || needed >= end)) {
      needed < first ? places.unshift(needed) : places.push(needed);
    }
    reconcile(this.#items, places.map(place => this.#row(list[place])));
    [...this.#items.children].forEach((row, index) => {
      row.setAttribute("aria-setsize", list.length);
      row.setAttribute("aria-posinset", places[index] + 1);
      row.style.top = `calc(${places[index]} * var(--conversation))`;
    });
    this.#items.style.height = `calc(${list.length} * var(--conversation))`;
    this.#note.replaceChildren(...(this.#chat.loaded
      ? list.length ? [] : [h("p", { class: "muted" }, "No conversations yet. Start one with “New chat”.")]
      : [spinner("Loading conversations")]));
  }

  get #focusedId() {
    const link = document.activeElement?.closest?.(".conversation");
    return link ? idOf(link) : this.#openId;
  }

  /** Rows that move up from below do not move those that are in view, unless the list is at its top. */
  #stay(list, height) {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.floor(scrollTop / height);
    const before = this.#shown;
    this.#shown = list;
    if (scrollTop > 0 && before !== list) {
      const places = new Map(list.map((conversation, place) => [conversation.id, place]));
      const moves = before.slice(first, first + Math.ceil(clientHeight / height))
        .map((conversation, index) => places.has(conversation.id) ? places.get(conversation.id) - first - index : 0)
        .sort((a, b) => a - b);
      const move = moves[moves.length >> 1] ?? 0;
      if (move !== 0) {
        this.#items.style.height = `${list.length * height}px`;
        this.element.scrollTop += move * height;
      }
    }
  }

  #row(conversation) {
    const { id } = conversation;
    const title = this.#chat.title(conversation);
    const [who, what] = this.#preview(conversation);
    const unread = this.#chat.attention(conversation);
    const mentions = this.#chat.marks.mentions(id);
    const other = conversation.conversation_type === "direct" ? this.#chat.other(conversation) : null;
    const status = other && !other.deleted ? this.#chat.presence.of(other.id)?.status : null;
    const isOpen = id === this.#openId;
    const time = shortTime(conversation.updated_at);
    return {
      key: id,
      version: JSON.stringify([title, who, what, unread, mentions, status, isOpen, time]),
      build: () => h("li", {}, h("a", { class: unread ? "conversation unread" : "conversation", href: hrefOf(id), "aria-current": isOpen ? "page" : null },
        conversation.conversation_type === "group" ? groupAvatar(id)
          : h("span", { class: "presence" }, avatar(title, (other ?? this.#chat.me).id),
            (status === "online" || status === "away") && h("span", { class: `dot ${status}` }, hidden(status))),
        h("span", { class: "conversation-name" }, name(title)),
        h("time", { class: "conversation-time", datetime: conversation.updated_at, title: fullTime(conversation.updated_at) }, time),
        h("span", { class: "conversation-preview" }, who && name(who), who && ": ", name(what)),
        (unread > 0 || mentions > 0) && h("span", { class: "badges" },
          mentions > 0 && h("span", { class: "mention-badge" }, "@", hidden(mentions === 1 ? "You are mentioned" : `${mentions} mentions of you`)),
          unread > 0 && h("span", { class: "badge" }, unread > 99 ? "99+" : String(unread), hidden(" unread"))))),
    };
  }

  /** Who wrote the newest message, if that has to be said, and what. */
  #preview(conversation) {
    const pending = this.#chat.outbox.of(conversation.id).at(-1);
    const newest = conversation.last_message;
    if (pending) {
      return [pending.failed ? "Not sent" : "Sending", oneLine(pending.content)];
    }
    const draft = conversation.id !== this.#openId && draftOf(this.#chat.me.id, conversation.id);
    if (draft) {
      return ["Draft", oneLine(draft)];
    }
    if (!newest) {
      return [null, "No messages yet"];
    }
    const who = newest.sender_id === this.#chat.me.id ? "You"
      : conversation.conversation_type === "group" ? this.#chat.people.name(newest.sender_id) : null;
    return [who, newest.deleted_at ? "Message deleted" : oneLine(newest.content)];
  }

  /** Arrow keys, Home and End move in the list. */
  #move(event) {
    const list = this.#chat.list;
    const link = document.activeElement.closest(".conversation");
    const at = link ? list.findIndex(conversation => conversation.id === idOf(link)) : -1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 }[event.key];
    if (at >= 0 && to !== undefined) {
      event.preventDefault();
      this.focus(list[Math.min(Math.max(to, 0), list.length - 1)].id);
    }
  }
}

const hrefOf = id => `#c/${id.slice("conv:".length)}`;

const idOf = link => `conv:${link.getAttribute("href").slice("#c/".length)}`;

const oneLine = text => plainText(text.slice(0, 400)).slice(0, 200);
