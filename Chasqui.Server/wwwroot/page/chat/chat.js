import { Emitter } from "../base/emitter.js";
import { Api } from "../net/api.js";
import { Connection } from "../net/connection.js";
import { Additions } from "./additions.js";
import { Following } from "./following.js";
import { History, pageSize } from "./history.js";
import { NotificationSettings } from "./notification-settings.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { ReadMarks } from "./read-marks.js";
import { Shelf } from "./shelf.js";
import { Sender } from "./sender.js";
import { Timeline } from "./timeline.js";

const refreshMs = 60_000;
const retryMs = 3_000;

/**
 * The state of one logged-in user. Emits `conversations`; `timeline` with the id of a conversation; `open` when another one is
 * opened; `arrived` with a live message; `added` with a group that this user was put into; `caught-up` with { id, count } after
 * missed messages; `removed` with { id, title, unsent, isOwn } of a conversation that this user is no longer in, with the unsent
 * messages, and whether the user has left it; and `ended` with the reason.
 */
export class Chat extends Emitter {
  conversations = new Map();
  loaded = false;
  maxCharacters = 10_000;
  #timelines = new Map();
  #following;
  #shelf;
  #sender;
  openId = null;
  #refreshes = 0;

  /** Conversations from other sources than the list, with the number of the last refresh before. */
  #created = new Map();

  /** Latest activity first; null after a change. */
  #list = null;

  /** Acknowledged messages: they are not pending any more. */
  #acknowledged = new Set();
  #turn = 0;
  #epoch;
  #refreshing;

  constructor(session) {
    super();
    this.me = { id: session.id, username: session.username };
    this.api = new Api(session.token);
    this.api.onUnauthorized = () => this.#end("logged-out");
    this.people = new People(this.api);
    this.people.learn([this.me]);
    this.connection = new Connection(this.api);
    this.outbox = new Outbox(this.me.id, () => this.connection.isOnline);
    this.marks = new ReadMarks(this.me.id);
    this.#shelf = new Shelf(this.me.id);
    this.additions = new Additions(this.me.id, this.marks);
    this.notifications = new NotificationSettings(this.me.id);
    this.#epoch = this.marks.epoch;
    this.#sender = new Sender(this.connection, this.outbox, (entry, ack) => this.#delivered(entry, ack), (entry, error) => this.#refused(entry, error));
    this.history = new History(this.api, id => this.timeline(id), id => this.emit("timeline", id));
    this.#following = new Following(this.connection, this.api, id => this.timeline(id), id => this.conversations.get(id)?.last_seq ?? 0);
    this.#following.on("timeline", id => this.emit("timeline", id));
    this.#following.on("caught-up", missed => this.emit("caught-up", missed));
    this.#following.on("joined", ({ id, seq }) => this.#joined(id, seq));
    this.#following.on("shorter", ({ id, seq }) => this.#shorten(id, seq));
    this.#following.on("refused", id => this.#remove(id));
    this.connection.on("online", welcome => this.#online(welcome));
    this.connection.on("event", event => this.#receive(event));
    this.connection.on("state", state => this.#stateChanged(state));
    this.outbox.on("change", () => this.#outboxChanged());
    this.marks.on("change", () => this.emit("conversations"));
    this.additions.on("change", () => this.emit("conversations"));
    this.on("conversations", () => { this.#list = null; });
  }

  start() {
    this.connection.start();
    // Removed members get no event.
    this.#refreshing = setInterval(() => this.#refreshQuietly(), refreshMs);
    document.addEventListener("visibilitychange", this.#refreshQuietly);
  }

  close() {
    clearInterval(this.#refreshing);
    document.removeEventListener("visibilitychange", this.#refreshQuietly);
    this.#sender.close();
    this.outbox.close();
    this.marks.close();
    this.additions.close();
    this.connection.stop("closed");
  }

  /** What the user wants to see, latest activity first. */
  get list() {
    return this.#list ??= this.#shelf.select(this.#all, id => this.outbox.of(id).length > 0);
  }

  get #all() {
    return [...this.conversations.values()].sort((a, b) => compare(b.updated_at, a.updated_at) || compare(b.id, a.id));
  }

  timeline(id) {
    if (!this.#timelines.has(id)) {
      this.#timelines.set(id, new Timeline());
    }
    return this.#timelines.get(id);
  }

  unread(conversation) {
    return Math.max(0, conversation.last_seq - this.marks.of(conversation.id));
  }

  /** The number at a conversation: its unread messages, or 1 for a group that this user was put into and has not opened. */
  attention(conversation) {
    return this.unread(conversation) || Number(this.additions.isNew(conversation.id));
  }

  title(conversation) {
    const other = this.#other(conversation);
    return conversation.name ?? (other ? this.people.name(other.id) : "Only you");
  }

  /** Whether it is a direct conversation with an account that was deleted: nobody would read a message. */
  isDeserted(conversation) {
    return conversation.conversation_type === "direct" && this.#other(conversation)?.deleted === true;
  }

  /** Shown below the stored messages: not acknowledged, or acknowledged and not received yet. */
  pending(id) {
    const timeline = this.timeline(id);
    const claimed = new Set();
    return this.outbox.of(id).filter(entry => {
      // It may arrive before its Ack, or after the connection with its Ack was lost.
      const stored = entry.failed ? undefined : timeline.messages.find(message => message.seq > entry.after
        && message.sender_id === this.me.id && message.content === entry.content && !claimed.has(message.seq)
        && !this.#acknowledged.has(message.id));
      claimed.add(stored?.seq);
      return !stored;
    });
  }

  send(id, content) {
    this.outbox.add(id, content, Math.max(this.timeline(id).last, this.conversations.get(id)?.last_seq ?? 0));
  }

  /** The conversation on the screen is joined first. */
  async open(id) {
    if (this.openId !== id) {
      this.#timelines.get(this.openId)?.rest(pageSize);
    }
    this.openId = id;
    this.emit("open");
    if (id) {
      this.additions.open(id);
    }
    if (this.conversations.has(id)) {
      this.#shelf.open(this.conversations.get(id));
      this.emit("conversations");
    }
    if (id && this.connection.isOnline && this.conversations.has(id)) {
      await this.#following.follow(id);
    }
  }

  /** Takes a conversation out of the list until its next message. */
  hide(id) {
    const conversation = this.conversations.get(id);
    this.marks.raise(id, conversation.last_seq);
    this.#shelf.hide(conversation);
    this.emit("conversations");
  }

  async refresh() {
    const turn = ++this.#refreshes;
    const list = await this.api.get("conversations");
    const ids = new Set(list.map(conversation => conversation.id));
    for (const id of this.conversations.keys()) {
      // The answer lacks conversations that were opened in the meantime.
      if (!ids.has(id) && !(this.#created.get(id) >= turn)) {
        this.#remove(id);
      }
    }
    this.marks.begin(list);
    const added = list.filter(conversation => !this.conversations.has(conversation.id) && !this.marks.has(conversation.id));
    list.forEach(conversation => this.#learn(conversation));
    added.forEach(conversation => this.#added(conversation, 0));
    this.loaded = true;
    this.emit("conversations");
  }

  /** Adds the conversation of an answer, and follows it. */
  async adopt(conversation) {
    this.#created.set(conversation.id, this.#refreshes);
    this.#learn(conversation);
    this.emit("conversations");
    await this.#following.follow(conversation.id);
  }

  /** Adds all of them or none. */
  async addMembers(id, userIds) {
    await this.api.post(`conversations/${encodeURIComponent(id)}/participants`, { identifiers: userIds });
  }

  async removeMember(id, userId) {
    await this.api.delete(`conversations/${encodeURIComponent(id)}/participants/${encodeURIComponent(userId)}`);
    if (userId === this.me.id) {
      this.#remove(id, true);
    }
  }

  #refreshQuietly = async () => {
    if (this.connection.isOnline && this.loaded && !document.hidden) {
      // A failure is shown elsewhere, or is temporary.
      await this.refresh().catch(() => {});
    }
  };

  async #online(welcome) {
    const turn = ++this.#turn;
    this.maxCharacters = welcome.limits.max_content_characters;
    const isRestored = this.#epoch && welcome.epoch !== this.#epoch;
    if (isRestored) {
      this.#forgetAll();
    }
    // The conversation on the screen does not wait for the list.
    const first = !isRestored && this.openId && this.conversations.has(this.openId) ? this.#following.follow(this.openId) : null;
    try {
      await this.refresh();
      this.#epoch = this.marks.epoch = welcome.epoch;
      if (isRestored) {
        this.conversations.forEach(conversation => this.marks.limit(conversation.id, conversation.last_seq));
      }
    } catch {
      setTimeout(() => turn === this.#turn && this.connection.isOnline && this.#online(welcome), retryMs);
      return;
    }
    await first;
    const waiting = this.outbox.conversations;
    const all = this.#all;
    all.filter(({ id }) => !this.#following.has(id)).forEach(({ id, last_seq: lastSeq }) => this.additions.expect(id, lastSeq));
    const ids = all.map(({ id }) => id);
    this.#following.followAll([...ids.filter(id => waiting.has(id) || id === this.openId), ...ids]);
    [...waiting].filter(id => !this.conversations.has(id)).forEach(id => this.#sender.begin(id));
  }

  #receive(event) {
    if (event.type === "NewMessage") {
      this.#take(event.message);
    } else if (event.type === "ConversationCreated" || event.type === "ConversationUpdated") {
      const isNew = event.type === "ConversationCreated" && !this.conversations.has(event.conversation.id);
      this.#created.set(event.conversation.id, this.#refreshes);
      this.#learn(event.conversation);
      if (isNew) {
        this.#added(event.conversation, event.conversation.last_seq);
      }
      this.emit("conversations");
      this.emit("timeline", event.conversation.id);
      this.#following.follow(event.conversation.id);
    }
  }

  /** Somebody opened it with this user, or put this user into it. The messages up to `read` are not new to them. */
  #added(conversation, read) {
    const isNew = this.additions.add(conversation, read, this.loaded);
    if (conversation.id === this.openId) {
      this.additions.open(conversation.id);
    } else if (isNew && this.loaded) {
      this.emit("added", conversation);
    }
  }

  #take(message) {
    const id = message.conversation_id;
    const timeline = this.timeline(id);
    if (!timeline.offer(message)) {
      return;
    }
    if (id !== this.openId && timeline.messages.length > 2 * pageSize) {
      timeline.rest(pageSize);
    }
    const isLive = this.#following.has(id);
    if (message.sender_id === this.me.id) {
      this.marks.raise(id, message.seq);
    }
    this.#raise(id, message.seq, message.created_at);
    this.emit("timeline", id);
    if ((isLive || this.additions.isNews(message)) && message.sender_id !== this.me.id) {
      this.emit("arrived", message);
    }
    if (timeline.hasGap && isLive) {
      this.#following.fill(id);
    }
  }

  #delivered(entry, ack) {
    this.#acknowledged.add(ack.message_id);
    if (!this.timeline(entry.conversation).isEmpty || ack.seq === 1) {
      this.#take({
        id: ack.message_id, conversation_id: entry.conversation, sender_id: this.me.id, content: entry.content,
        message_type: "text", created_at: ack.created_at, seq: ack.seq,
      });
    }
  }

  #refused(entry, error) {
    if (error.code === "conversation_not_found") {
      this.#remove(entry.conversation);
    } else if (error.code === "recipient_deleted") {
      this.#refreshQuietly();
    }
  }

  #other(conversation) {
    return conversation.members.find(member => member.id !== this.me.id);
  }

  #joined(id, seq) {
    this.additions.joined(id);
    this.#raise(id, seq);
    this.#sender.begin(id);
  }

  /** After a restore the server may have fewer messages. */
  #shorten(id, seq) {
    this.marks.limit(id, seq);
    const conversation = this.conversations.get(id);
    if (conversation) {
      conversation.last_seq = seq;
    }
  }

  #learn(conversation) {
    const known = this.conversations.get(conversation.id);
    this.people.learn(conversation.members);
    // An event may have arrived before this answer.
    this.conversations.set(conversation.id, known && known.updated_at > conversation.updated_at
      ? { ...conversation, updated_at: known.updated_at, last_seq: Math.max(known.last_seq, conversation.last_seq) }
      : conversation);
  }

  #raise(id, seq, time) {
    const conversation = this.conversations.get(id);
    if (conversation) {
      conversation.last_seq = Math.max(conversation.last_seq, seq);
      if (time > conversation.updated_at) {
        conversation.updated_at = time;
      }
      this.emit("conversations");
    }
  }

  #remove(id, isOwn = false) {
    const conversation = this.conversations.get(id);
    const unsent = this.outbox.of(id);
    if (!conversation && unsent.length === 0) {
      return;
    }
    this.conversations.delete(id);
    this.#timelines.delete(id);
    this.#following.forget(id);
    this.additions.forget(id);
    unsent.forEach(entry => this.outbox.remove(entry));
    this.emit("removed", { id, title: conversation && this.title(conversation), unsent: unsent.map(entry => entry.content), isOwn });
    this.emit("conversations");
  }

  /** After a restore from a backup a seq may stand for another message. Unsent messages are kept. */
  #forgetAll() {
    this.#acknowledged.clear();
    this.#timelines.forEach(timeline => timeline.clear());
    for (const conversation of this.conversations.values()) {
      // The list is newer than this.
      conversation.updated_at = "";
      conversation.last_seq = 0;
    }
  }

  #outboxChanged() {
    this.#timelines.forEach((_, id) => this.emit("timeline", id));
    this.emit("conversations");
  }

  #stateChanged(state) {
    if (state.phase !== "online") {
      this.#following.clear();
      this.outbox.release();
    }
    if (state.phase === "ended" && state.reason !== "closed") {
      this.#end(state.reason);
    }
  }

  #end(reason) {
    this.emit("ended", reason);
  }
}

/** Times and ids sort as their characters do. */
const compare = (one, other) => one < other ? -1 : one > other ? 1 : 0;
