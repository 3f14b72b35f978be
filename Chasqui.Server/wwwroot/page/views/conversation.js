import { isLooking, onLooking } from "../base/attention.js";
import { openDirectMenu } from "./direct-menu.js";
import { h, hidden, icon, morph, name, reconcile, spinner } from "../base/dom.js";
import { later } from "../base/later.js";
import { avatar, groupAvatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { openMembers } from "./members.js";
import { notificationsButton } from "./notifications.js";
import { rowsOf } from "./rows.js";
import { StickyScroll } from "./scroll.js";

/** The distance from an end of the window at which more messages are loaded, in pixels. */
const loadAt = 600;

/** Messages around the place where it is opened, without which they are loaded. */
const context = 20;

/** A window of more messages than the first number is shortened to the second; at the end, where new ones are added, to less. */
const longest = [400, 250];
const longestAtEnd = [200, 100];

/** One conversation: header, messages and composer. */
export class ConversationView {
  #chat;
  #id;
  #stops;
  #isPlaced = false;
  #isLoading = false;
  #problem = null;
  #unreadAfter;
  #head = h("header", { class: "conversation-head" });
  #items = h("ol", { class: "messages" });
  #top = h("div", { class: "messages-top" });
  #end = h("div", { class: "messages-end" });
  #scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": "Messages" },
    this.#top, this.#items, this.#end);
  #jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.#toBottom() });
  #scroll = new StickyScroll(this.#scroller, this.#items);
  #composer;
  #listening = new AbortController();
  #later = later(() => this.#listening.signal.aborted || this.#render());

  constructor(chat, id) {
    this.#chat = chat;
    this.#id = id;
    this.#unreadAfter = chat.marks.unread(id) ? chat.marks.of(id) : Infinity;
    this.#composer = new Composer(chat.me.id, id, chat.maxCharacters, content => this.#send(content));
    this.element = h("section", { class: "conversation-view", "aria-label": "Conversation" },
      this.#head,
      h("div", { class: "scroll-area" }, this.#scroller, this.#jump),
      this.#composer.element);
    this.#stops = [
      chat.on("timeline", changed => changed === id && this.#later()),
      chat.on("conversations", this.#later),
      chat.people.on("change", this.#later),
      onLooking(() => isLooking() ? this.#scrolled() : this.#left()),
      chat.connection.on("online", () => { this.#problem = null; this.#later(); }),
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
    this.#composer.element.hidden = false;
    if (this.#unreadAfter === Infinity && !this.#isPlaced && this.#chat.marks.unread(this.#id)) {
      this.#unreadAfter = this.#chat.marks.of(this.#id);
    }
    this.#drawHead(conversation);
    this.#composer.refuse(
      this.#chat.isDeserted(conversation) ? "This account was deleted. Messages to it can no longer be sent." : "");
    const timeline = this.#chat.timeline(this.#id);
    this.#shorten(timeline);
    this.#scroll.keep(() => {
      this.#drawEnds(timeline, conversation);
      reconcile(this.#items, rowsOf({
        entries: timeline.entries,
        pending: this.#chat.pending.of(this.#id),
        chat: this.#chat,
        isGroup: conversation.conversation_type === "group",
        unreadAfter: this.#unreadAfter,
        retry: entry => { this.#chat.outbox.retry(entry); this.#composer.focus(); },
        discard: entry => { this.#chat.outbox.remove(entry); this.#composer.focus(); },
      }));
    }, timeline.isAtEnd);
    this.#place(timeline, conversation);
    this.#scrolled();
  }

  /** Drops messages far from those that are read: neither the DOM nor the memory grows with the conversation. */
  #shorten(timeline) {
    const { length } = timeline.entries;
    if (this.#scroll.isAtBottom && timeline.isAtEnd) {
      if (length > longestAtEnd[0]) {
        timeline.keepNewest(longestAtEnd[1]);
      }
    } else if (length > longest[0]) {
      const isInOlderHalf = seqAt(this.#scroll.visible[0]) < timeline.entries[length >> 1].seq;
      isInOlderHalf ? timeline.keepOldest(longest[1]) : timeline.keepNewest(longest[1]);
    }
  }

  /** When it is opened: at the first new message, or at the bottom. */
  #place(timeline, conversation) {
    if (this.#isPlaced || (conversation.last_seq > 0 && !this.#hasContext(timeline))) {
      return;
    }
    this.#isPlaced = true;
    const unread = this.#items.querySelector(".unread-line");
    if (unread) {
      this.#scroll.to(unread);
    } else {
      this.#scroll.toBottom();
    }
  }

  /** Whether the messages around the place where it is opened are loaded. */
  #hasContext(timeline) {
    const from = this.#unreadAfter === Infinity ? timeline.reached : this.#unreadAfter + 1;
    return (this.#unreadAfter === Infinity ? timeline.isAtEnd : timeline.has(from))
      && (timeline.from === 1 || timeline.entries.filter(({ seq }) => seq <= from).length >= context);
  }

  #drawHead(conversation) {
    const title = this.#chat.title(conversation);
    const isGroup = conversation.conversation_type === "group";
    const people = conversation.member_count;
    const version = JSON.stringify([title, people]);
    if (this.#head.version === version) {
      return;
    }
    this.#head.version = version;
    morph(this.#head, h("header", { class: "conversation-head" },
      h("a", { class: "icon-button back", href: "#", "aria-label": "Back to the list", title: "Back to the list" }, icon("back")),
      isGroup ? groupAvatar(conversation.id) : avatar(title, (this.#chat.other(conversation) ?? this.#chat.me).id),
      h("div", { class: "conversation-title" },
        h("h1", {}, name(title)),
        h("p", { class: "muted" }, isGroup ? (people === 1 ? "Only you" : `${people} people`) : "Direct chat")),
      notificationsButton(this.#chat, conversation.id),
      ...isGroup ? [h("button", { type: "button", class: "button quiet", "aria-haspopup": "dialog", onclick: () => openMembers(this.#chat, this.#id) },
        icon("people"), "People")]
        : [h("button", { type: "button", class: "button quiet", "aria-haspopup": "dialog", onclick: () => openDirectMenu(this.#chat, this.#id) }, "More")]));
  }

  #drawEnds(timeline, conversation) {
    const isWhole = timeline.from === 1 || conversation.last_seq === 0;
    const isNew = !conversation.last_message && this.#chat.outbox.of(this.#id).length === 0;
    this.#drawEnd(this.#top, !isWhole && "older",
      isNew ? h("p", { class: "beginning empty-talk" }, "No messages yet. ", h("br"), "Write the first message.")
        : h("p", { class: "beginning muted" }, "This is the beginning."));
    this.#drawEnd(this.#end, !timeline.isAtEnd && !timeline.isEmpty && "newer");
  }

  /** @param missing which messages are not loaded there @param whole shown if there are none */
  #drawEnd(end, missing, whole) {
    morph(end, h("div", { class: end.className }, ...!missing ? [whole]
      : this.#problem ? [h("p", { class: "muted" }, `The ${missing} messages could not be loaded: ${this.#problem}. `),
        h("button", { type: "button", class: "link", onclick: () => { this.#problem = null; this.#scrolled(); } }, "Try again")]
      : [spinner(`Loading ${missing} messages`)]));
  }

  #showMissing() {
    this.#head.version = null;
    this.#head.replaceChildren(h("a", { class: "icon-button back", href: "#", "aria-label": "Back to the list" }, icon("back")), h("h1", {}, "Not found"));
    this.#top.replaceChildren(h("p", { class: "beginning empty-talk" }, "This conversation does not exist, or you are not a member."));
    this.#composer.element.hidden = true;
  }

  /** Loads what is missing around the place that is shown. */
  #load(timeline) {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    return !this.#isPlaced && !this.#hasContext(timeline)
        ? this.#once(() => this.#unreadAfter === Infinity
          ? this.#chat.history.loadNewest(this.#id)
          : this.#chat.history.loadAround(this.#id, this.#unreadAfter))
      : scrollTop < loadAt && timeline.from > 1 ? this.#once(() => this.#chat.history.loadOlder(this.#id))
      : scrollHeight - scrollTop - clientHeight < loadAt && !timeline.isAtEnd
        ? this.#once(() => this.#chat.history.loadNewer(this.#id))
      : null;
  }

  async #once(load) {
    if (!this.#isLoading && !this.#problem) {
      this.#isLoading = true;
      await this.#attempt(load);
      this.#isLoading = false;
    }
  }

  async #attempt(load) {
    try {
      await load();
    } catch (error) {
      this.#problem = error.message;
    }
    this.#later();
  }

  #scrolled() {
    const conversation = this.#conversation;
    if (!conversation || this.#listening.signal.aborted) {
      return;
    }
    const timeline = this.#chat.timeline(this.#id);
    if (conversation.last_seq > 0) {
      this.#load(timeline);
    }
    const isAtBottom = this.#scroll.isAtBottom && this.#isPlaced;
    if (this.#isPlaced && isLooking()) {
      this.#chat.marks.raise(this.#id, isAtBottom ? timeline.reached : seqAt(this.#scroll.visible[1]) - 1);
    }
    const unread = this.#chat.marks.unread(this.#id);
    const isNeeded = this.#isPlaced && !isAtBottom;
    if (!isNeeded && document.activeElement === this.#jump) {
      this.#scroller.focus({ preventScroll: true });
    }
    this.#jump.hidden = !isNeeded;
    this.#jump.classList.toggle("new", unread > 0);
    const label = unread === 0 ? "To the newest" : unread === 1 ? "1 new message" : `${unread} new messages`;
    if (this.#jump.textContent !== label) {
      this.#jump.replaceChildren(icon("down"), unread === 0 ? hidden(label) : label);
    }
  }

  async #toBottom() {
    this.#composer.focus();
    const timeline = this.#chat.timeline(this.#id);
    if (!timeline.isAtEnd) {
      await this.#attempt(() => this.#chat.history.loadNewest(this.#id));
      if (this.#listening.signal.aborted) {
        return;
      }
      this.#render();
    }
    this.#scroll.toBottom();
    this.#scrolled();
  }

  /** Messages that arrive while the user looks elsewhere are new afterwards. */
  #left() {
    if (!this.#isPlaced) {
      return;
    }
    this.#unreadAfter = this.#chat.marks.unread(this.#id) ? this.#unreadAfter : this.#chat.timeline(this.#id).reached;
  }

  #send(content) {
    this.#unreadAfter = Infinity;
    this.#chat.send(this.#id, content);
    this.#render();
    this.#toBottom();
  }
}

/** The seq of a row, or of the next message before it. */
function seqAt(row) {
  while (row && !row.dataset.seq) {
    row = row.previousElementSibling;
  }
  return Number(row?.dataset.seq ?? 0);
}
