import { isLooking, onLooking } from "../base/attention.js";
import { h, hidden, icon, reconcile, spinner } from "../base/dom.js";
import { avatar, groupAvatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { openMembers } from "./members.js";
import { notificationsButton } from "./notifications.js";
import { rowsOf } from "./rows.js";
import { StickyScroll } from "./scroll.js";

/** The distance from the top at which older messages are loaded, in pixels. */
const loadAt = 600;

/** One conversation: header, messages and composer. */
export class ConversationView {
  #chat;
  #id;
  #stops;
  #isStale = false;
  #isPlaced = false;
  #isLoading = false;
  #problem = null;
  #unreadAfter;
  #head = h("header", { class: "conversation-head" });
  #items = h("ol", { class: "messages" });
  #top = h("div", { class: "messages-top" });
  #scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": "Messages" }, this.#top, this.#items);
  #jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.#toBottom() });
  #scroll = new StickyScroll(this.#scroller, this.#items);
  #composer;
  #listening = new AbortController();

  constructor(chat, id) {
    this.#chat = chat;
    this.#id = id;
    this.#unreadAfter = this.#conversation && chat.unread(this.#conversation) ? chat.marks.of(id) : Infinity;
    this.#composer = new Composer(chat.me.id, id, chat.maxCharacters, content => this.#send(content));
    this.element = h("section", { class: "conversation-view", "aria-label": "Conversation" },
      this.#head,
      h("div", { class: "scroll-area" }, this.#scroller, this.#jump),
      this.#composer.element);
    const later = () => this.#later();
    this.#stops = [
      chat.on("timeline", changed => changed === id && later()),
      chat.on("conversations", later),
      chat.people.on("change", later),
      onLooking(() => isLooking() ? this.#scrolled() : this.#left()),
      chat.connection.on("online", () => { this.#problem = null; later(); }),
    ];
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  get #conversation() {
    return this.#chat.conversations.get(this.#id);
  }

  get title() {
    return this.#conversation ? this.#chat.title(this.#conversation) : "";
  }

  close() {
    this.#listening.abort();
    this.#stops.forEach(stop => stop());
    this.#scroll.close();
  }

  focus() {
    this.#render();
    this.#composer.focus();
  }

  #later() {
    if (!this.#isStale) {
      this.#isStale = true;
      queueMicrotask(() => {
        this.#isStale = false;
        if (!this.#listening.signal.aborted) {
          this.#render();
        }
      });
    }
  }

  #render() {
    const conversation = this.#conversation;
    if (!conversation) {
      if (this.#chat.loaded) {
        this.#showMissing();
      } else {
        this.#top.replaceChildren(spinner("Loading messages"));
      }
      return;
    }
    if (this.#unreadAfter === Infinity && !this.#isPlaced && this.#chat.unread(conversation)) {
      this.#unreadAfter = this.#chat.marks.of(this.#id);
    }
    this.#drawHead(conversation);
    this.#composer.refuse(
      this.#chat.isDeserted(conversation) ? "This account was deleted. Messages to it can no longer be sent." : "");
    const timeline = this.#chat.timeline(this.#id);
    this.#scroll.keep(() => {
      this.#drawTop(timeline, conversation);
      reconcile(this.#items, rowsOf({
        messages: timeline.messages,
        pending: this.#chat.pending(this.#id),
        chat: this.#chat,
        isGroup: conversation.conversation_type === "group",
        unreadAfter: this.#unreadAfter,
        retry: entry => this.#chat.outbox.retry(entry),
        discard: entry => this.#chat.outbox.remove(entry),
      }));
    });
    this.#place(timeline, conversation);
    this.#scrolled();
  }

  /** When it is opened: at the first new message, or at the bottom. */
  #place(timeline, conversation) {
    const unread = this.#items.querySelector(".unread-line");
    if (!this.#isPlaced && (timeline.first === 1 || timeline.messages.length > 1 || conversation.last_seq === 0)) {
      this.#isPlaced = true;
      if (unread) {
        this.#scroll.to(unread);
      } else {
        this.#scroll.toBottom();
      }
    }
  }

  #drawHead(conversation) {
    const title = this.#chat.title(conversation);
    const isGroup = conversation.conversation_type === "group";
    const people = conversation.members.length;
    const version = JSON.stringify([title, people]);
    if (this.#head.version === version) {
      return;
    }
    this.#head.version = version;
    this.#head.replaceChildren(
      h("a", { class: "icon-button back", href: "#", "aria-label": "Back to the list", title: "Back to the list" }, icon("back")),
      isGroup ? groupAvatar(conversation.id) : avatar(title, conversation.members.find(member => member.id !== this.#chat.me.id)?.id ?? this.#chat.me.id),
      h("div", { class: "conversation-title" },
        h("h1", {}, h("bdi", {}, title)),
        h("p", { class: "muted" }, isGroup ? (people === 1 ? "Only you" : `${people} people`) : "Direct chat")),
      notificationsButton(this.#chat, conversation.id),
      ...isGroup ? [h("button", { type: "button", class: "button quiet", "aria-haspopup": "dialog", onclick: () => openMembers(this.#chat, this.#id) },
        icon("people"), "People")] : []);
  }

  #drawTop(timeline, conversation) {
    const isWhole = timeline.first === 1 || conversation.last_seq === 0;
    this.#top.replaceChildren(...(
      this.#problem ? [h("p", { class: "muted" }, `Older messages could not be loaded: ${this.#problem}. `),
        h("button", { type: "button", class: "link", onclick: () => { this.#problem = null; this.#load(); } }, "Try again")]
      : !isWhole ? [spinner("Loading older messages")]
      : conversation.last_seq === 0 && this.#chat.outbox.of(this.#id).length === 0
        ? [h("p", { class: "beginning empty-talk" }, "No messages yet. ", h("br"), "Write the first message.")]
        : [h("p", { class: "beginning muted" }, "This is the beginning.")]));
  }

  #showMissing() {
    this.#head.replaceChildren(h("a", { class: "icon-button back", href: "#", "aria-label": "Back to the list" }, icon("back")), h("h1", {}, "Not found"));
    this.#top.replaceChildren(h("p", { class: "beginning empty-talk" }, "This conversation does not exist, or you are not a member."));
    this.#composer.element.hidden = true;
  }

  async #load() {
    const conversation = this.#conversation;
    const timeline = this.#chat.timeline(this.#id);
    if (this.#isLoading || this.#problem || !conversation || timeline.first === 1 || conversation.last_seq === 0) {
      return;
    }
    this.#isLoading = true;
    try {
      await this.#chat.loadOlder(this.#id);
    } catch (error) {
      this.#problem = error.message;
      this.#later();
    } finally {
      this.#isLoading = false;
    }
    this.#later();
  }

  #scrolled() {
    if (this.#scroller.scrollTop < loadAt) {
      this.#load();
    }
    const conversation = this.#conversation;
    if (!conversation) {
      return;
    }
    const { last } = this.#chat.timeline(this.#id);
    const isAtBottom = this.#scroll.isAtBottom && this.#isPlaced;
    if (isAtBottom && isLooking()) {
      this.#chat.marks.raise(this.#id, last);
    }
    const unread = this.#chat.unread(conversation);
    this.#jump.hidden = isAtBottom || !this.#isPlaced;
    this.#jump.classList.toggle("new", unread > 0);
    const label = unread === 0 ? "To the newest" : unread === 1 ? "1 new message" : `${unread} new messages`;
    if (this.#jump.textContent !== label) {
      this.#jump.replaceChildren(icon("down"), unread === 0 ? hidden(label) : label);
    }
  }

  #toBottom() {
    this.#scroll.toBottom();
    this.#scrolled();
    this.#composer.focus();
  }

  /** Messages that arrive while nobody looks are new when the user comes back. */
  #left() {
    this.#unreadAfter = this.#chat.unread(this.#conversation ?? { last_seq: 0, id: this.#id }) ? this.#unreadAfter : this.#chat.timeline(this.#id).last;
  }

  #send(content) {
    this.#unreadAfter = Infinity;
    this.#chat.send(this.#id, content);
    this.#render();
    this.#toBottom();
  }
}
