import { isLooking, onLooking } from "../base/attention.js";
import { h, hidden, icon, morph, reconcile, spinner } from "../base/dom.js";
import { later } from "../base/later.js";
import { Composer } from "./composer.js";
import { ConversationHead } from "./conversation-head.js";
import { MessageActions } from "./message-actions.js";
import { rowsOf } from "./rows.js";
import { StickyScroll } from "./scroll.js";

/** The distance from an end of the window at which more messages are loaded, in pixels. */
const loadAt = 600;

/** Messages around the place where it is opened, without which they are loaded. */
const context = 20;

/** A window of more messages than the first number is shortened to the second; at the end, where new ones are added, to less. */
const longest = [400, 250];
const longestAtEnd = [200, 100];

/** How long a message that was jumped to stands out. */
const markMs = 2_000;

/** One conversation: header, messages and composer. */
export class ConversationView {
  #chat;
  #id;
  #stops;
  #isPlaced = false;
  #isLoading = false;
  #problem = null;
  #unreadAfter;

  /** Where it is opened, if there is nothing unread: a seq; null for the newest message. */
  #target;

  /** The row that is shown to have been jumped to. */
  #marked = null;
  #typing = h("p", { class: "typing", role: "status" });
  #actions;
  #head;
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

  /** @param target the seq of a message to open it at */
  constructor(chat, id, target = null) {
    this.#chat = chat;
    this.#id = id;
    this.#marked = target;
    this.#target = target ?? chat.places.get(id) ?? null;
    this.#unreadAfter = this.#target === null && chat.marks.unread(id) ? chat.marks.of(id) : Infinity;
    this.#composer = new Composer({
      userId: chat.me.id, conversation: id, maxCharacters: chat.maxCharacters,
      send: (content, message, isEdit) => this.#send(content, message, isEdit),
      members: () => (this.#conversation?.members ?? []).filter(member => member.id !== chat.me.id && !member.deleted),
      typed: isTyping => chat.presence.setTyping(id, isTyping),
      editLast: () => this.#actions.editLast(),
    });
    this.#actions = new MessageActions(chat, id, this.#composer, seq => this.#jumpTo(seq));
    this.#head = new ConversationHead(chat);
    this.element = h("section", { class: "conversation-view", "aria-label": "Conversation" },
      this.#head.element,
      h("div", { class: "scroll-area" }, this.#scroller, this.#jump),
      h("div", { class: "composer-notes" }, this.#actions.notice, this.#typing),
      this.#composer.element);
    this.#stops = [
      chat.on("timeline", changed => changed === id && this.#later()),
      chat.on("conversations", this.#later),
      chat.people.on("change", this.#later),
      chat.presence.on("change", this.#later),
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
    this.#keepPlace();
    this.#chat.presence.setTyping(this.#id, false);
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
    if (this.#unreadAfter === Infinity && !this.#isPlaced && this.#target === null && this.#chat.marks.unread(this.#id)) {
      this.#unreadAfter = this.#chat.marks.of(this.#id);
    }
    this.#head.draw(conversation);
    this.#drawTyping();
    const isDeserted = conversation.conversation_type === "direct" && this.#chat.other(conversation)?.deleted;
    this.#composer.refuse(isDeserted ? "This account was deleted. Messages to it can no longer be sent." : "");
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
        actions: this.#actions,
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
    } else if (this.#start) {
      this.#show(this.#start);
    } else {
      this.#scroll.toBottom();
    }
  }

  /** The seq at which it is opened; 0 for the newest message. */
  get #start() {
    return this.#unreadAfter === Infinity ? this.#target ?? 0 : this.#unreadAfter + 1;
  }

  /** Whether the messages around the place where it is opened are loaded. */
  #hasContext(timeline) {
    const from = this.#start || timeline.reached;
    return (this.#start ? timeline.has(from) : timeline.isAtEnd)
      && (timeline.from === 1 || timeline.entries.filter(({ seq }) => seq <= from).length >= context);
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
    this.#head.drawMissing();
    this.#top.replaceChildren(h("p", { class: "beginning empty-talk" }, "This conversation does not exist, or you are not a member."));
    this.#composer.element.hidden = true;
  }

  /** Loads what is missing around the place that is shown. */
  #load(timeline) {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    return !this.#isPlaced && !this.#hasContext(timeline)
        ? this.#once(() => this.#start
          ? this.#chat.history.loadAround(this.#id, this.#start - 1)
          : this.#chat.history.loadNewest(this.#id))
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

  #send(content, message, isEdit) {
    if (isEdit) {
      this.#chat.presence.setTyping(this.#id, false);
      return this.#actions.edit(message, content);
    }
    this.#unreadAfter = Infinity;
    this.#chat.send(this.#id, content, message && { id: message.id, seq: message.seq });
    this.#render();
    this.#toBottom();
  }

  async #jumpTo(seq) {
    if (!this.#chat.timeline(this.#id).has(seq)) {
      await this.#actions.attempt("The message could not be shown", () => this.#chat.history.loadAround(this.#id, seq - 1));
      if (this.#listening.signal.aborted) {
        return;
      }
      this.#render();
    }
    this.#marked = seq;
    this.#show(seq);
    this.#scrolled();
  }

  /** Scrolls to a message, or to what stands next to it. */
  #show(seq) {
    const row = [...this.#items.querySelectorAll("[data-seq]")].find(each => Number(each.dataset.seq) >= seq);
    if (row) {
      this.#scroll.to(row);
      if (seq === this.#marked) {
        row.classList.add("jumped-to");
        setTimeout(() => row.classList.remove("jumped-to"), markMs);
      }
    }
  }

  #keepPlace() {
    const seq = this.#isPlaced && !this.#scroll.isAtBottom ? seqAt(this.#scroll.visible[0]) : 0;
    seq ? this.#chat.places.set(this.#id, seq) : this.#chat.places.delete(this.#id);
  }

  #drawTyping() {
    const names = this.#chat.presence.typing(this.#id).map(user => this.#chat.people.name(user));
    const words = names.length === 0 ? "" : names.length === 1 ? `${names[0]} is typing…`
      : names.length === 2 ? `${names[0]} and ${names[1]} are typing…` : `${names.length} people are typing…`;
    if (this.#typing.textContent !== words) {
      this.#typing.textContent = words;
    }
  }
}

/** The seq of a row, or of the next message before it. */
function seqAt(row) {
  while (row && !row.dataset.seq) {
    row = row.previousElementSibling;
  }
  return Number(row?.dataset.seq ?? 0);
}
