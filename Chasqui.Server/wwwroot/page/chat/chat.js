import { Emitter } from "../base/emitter.js";
import { Api } from "../net/api.js";
import { Connection } from "../net/connection.js";
import { Additions } from "./additions.js";
import { Conversations } from "./conversations.js";
import { changesContent } from "./events.js";
import { Following } from "./following.js";
import { Groups } from "./groups.js";
import { History, pageSize } from "./history.js";
import { NotificationSettings } from "./notification-settings.js";
import { Outbox } from "./outbox.js";
import { Pending } from "./pending.js";
import { People } from "./people.js";
import { Presence } from "./presence.js";
import { Quotes } from "./quotes.js";
import { ReadMarks } from "./read-marks.js";
import { Receiver } from "./receiver.js";
import { Shelf } from "./shelf.js";
import { Sender } from "./sender.js";
import { Timeline } from "./timeline.js";

const refreshMs = 60_000;
const retryMs = 3_000;

/**
 * The state of one logged-in user. Emits
 * - `conversations` when the list or something about its entries has changed;
 * - `timeline` with the id of a conversation whose messages, stored or pending, have changed;
 * - `open` when another conversation is opened;
 * - `arrived` with a live message of another user;
 * - `caught-up` with { id, count } after missed messages;
 * - `added` with a group that this user was put into;
 * - `removed` with { id, title, unsent, isOwn } of a conversation that this user is no longer in: the unsent messages,
 *   and whether the user has left it;
 * - `ended` with the reason when the server has ended the session;
 * - `log-out` when the user has logged out here (the shell emits it).
 */
export class Chat extends Emitter {
  conversations = new Conversations();
  loaded = false;
  maxCharacters = 10_000;
  #timelines = new Map();
  #following;
  #receiver;
  #shelf;
  #sender;
  openId = null;

  /** Where the reader was in each conversation: the seq of the first row in view. */
  places = new Map();

  /** Latest activity first; null after a change. */
  #list = null;

  #turn = 0;
  #epoch;
  #refreshing;

  constructor(session) {
    super();
    this.me = { id: session.id, username: session.username };
    this.api = new Api(session.token);
    this.api.onUnauthorized = () => this.emit("ended", "logged-out");
    this.people = new People(this.api);
    this.people.learn([this.me]);
    this.connection = new Connection(this.api);
    this.presence = new Presence(this.api, this.connection);
    this.outbox = new Outbox(this.me.id, () => this.connection.isOnline);
    this.pending = new Pending(this.me.id, this.outbox, id => this.timeline(id));
    this.marks = new ReadMarks(this.me.id, this.connection, id => this.timeline(id).messages);
    this.#shelf = new Shelf(this.me.id);
    this.additions = new Additions(this.me.id);
    this.notifications = new NotificationSettings(this.me.id);
    this.#epoch = this.marks.epoch;
    this.#sender = new Sender(
      this.connection, this.outbox,
      (entry, ack) => this.#receiver.delivered(entry, ack), (entry, error) => this.#refused(entry, error));
    const timelineOf = id => this.timeline(id);
    const lastSeqOf = id => this.conversations.get(id)?.last_seq ?? 0;
    this.history = new History(this.api, timelineOf, lastSeqOf, id => this.emit("timeline", id));
    this.groups = new Groups(this);
    this.quotes = new Quotes(this.history, timelineOf, id => this.emit("timeline", id));
    this.#following = new Following(
      this.connection, this.history, timelineOf, lastSeqOf, id => this.additions.newsFrom(id), id => id === this.openId);
    this.#receiver = new Receiver(this, this.#following);
    this.#following.on("caught-up", missed => this.emit("caught-up", missed));
    this.#following.on("joined", ({ id, seq }) => this.#joined(id, seq));
    this.#following.on("shorter", ({ id, seq }) => this.#shorten(id, seq));
    this.#following.on("refused", id => this.remove(id));
    this.connection.on("online", welcome => this.#online(welcome));
    this.connection.on("state", state => this.#stateChanged(state));
    this.outbox.on("change", () => this.#outboxChanged());
    this.marks.on("change", () => this.emit("conversations"));
    this.additions.on("change", () => this.emit("conversations"));
    this.on("conversations", () => { this.#list = null; });
  }

  start() {
    this.connection.start();
    // Until then it has the username, which is all that the session knows.
    this.api.get("me").then(me => this.people.learn([me]), () => {});
    // Events of the time without a connection are not sent again.
    this.#refreshing = setInterval(() => this.#refreshQuietly(), refreshMs);
    document.addEventListener("visibilitychange", this.#refreshQuietly);
  }

  close() {
    clearInterval(this.#refreshing);
    document.removeEventListener("visibilitychange", this.#refreshQuietly);
    this.#sender.close();
    this.outbox.close();
    this.marks.close();
    this.presence.close();
    this.additions.close();
    this.connection.stop("closed");
  }

  /** What the user wants to see, latest activity first. */
  get list() {
    return this.#list ??= this.#shelf.select(this.conversations.byActivity, id => this.outbox.of(id).length > 0);
  }

  timeline(id) {
    if (!this.#timelines.has(id)) {
      this.#timelines.set(id, new Timeline());
    }
    return this.#timelines.get(id);
  }

  /** The number at a conversation: its unread messages, or 1 for a group that this user was put into and has not opened. */
  attention(conversation) {
    return this.marks.unread(conversation.id) || Number(this.additions.isNew(conversation.id));
  }

  /** The other member of a direct conversation; undefined where the user is alone. */
  other(conversation) {
    return conversation.members.find(member => member.id !== this.me.id);
  }

  title(conversation) {
    const other = this.other(conversation);
    return conversation.name ?? (other ? this.people.name(other.id) : "Only you");
  }

  send(id, content, replyTo) {
    this.presence.sent();
    this.outbox.add(id, content, Math.max(this.timeline(id).end, this.conversations.get(id)?.last_seq ?? 0), replyTo);
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
    // It may have been removed meanwhile.
    if (conversation) {
      this.marks.raise(id, conversation.last_seq);
      this.#shelf.hide(conversation);
      this.emit("conversations");
    }
  }

  async refresh() {
    const reading = this.conversations.beginReading();
    const list = (await this.api.getChanging("conversations"))
      .filter(({ id }) => !this.conversations.isRemovedSince(id, reading));
    this.conversations.missingIn(list, reading).forEach(id => this.remove(id));
    this.additions.begin(list);
    const added = list.filter(({ id }) => !this.conversations.has(id) && !this.additions.has(id));
    list.forEach(conversation => this.learn(conversation));
    added.forEach(conversation => this.#receiver.added(conversation, conversation.last_read_seq));
    this.loaded = true;
    this.emit("conversations");
  }

  /** Adds the conversation of an answer, and follows it. */
  async adopt(conversation) {
    this.learnCreated(conversation);
    this.emit("conversations");
    await this.#following.follow(conversation.id);
  }

  /** Takes over a conversation that the list may not have yet. */
  learnCreated(conversation) {
    this.conversations.created(conversation.id);
    this.learn(conversation);
  }

  /** An event of the log has come that was not known. */
  apply(id, event) {
    const { message } = event;
    if (message) {
      const { sender_id: sender, seq } = message;
      if (sender === this.me.id) {
        this.marks.moved(id, seq);
      } else {
        this.marks.count(id, message);
      }
      this.presence.wrote(id, sender);
      this.conversations.markRead(id, sender, seq);
    } else if (changesContent(event) && (this.marks.isMention(event) || this.marks.mentions(id) > 0)) {
      // A message may mention this user now, or no longer: the server counts.
      this.#refreshQuietly();
    }
    if (event.member) {
      this.people.learn([event.member]);
    }
    this.quotes.forget(event.message_id);
    if (this.conversations.has(id)) {
      this.conversations.apply(id, event);
      this.emit("conversations");
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
    this.presence.restart();
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
        this.#shelf.unhideAll();
        this.emit("conversations");
      }
    } catch {
      setTimeout(() => turn === this.#turn && this.connection.isOnline && this.#online(welcome), retryMs);
      return;
    }
    await first;
    this.marks.flush();
    const waiting = this.outbox.conversations;
    const all = this.conversations.byActivity;
    all.filter(({ id }) => !this.#following.has(id)).forEach(({ id, last_seq: lastSeq }) => this.additions.expect(id, lastSeq));
    const ids = all.map(({ id }) => id);
    this.#following.followAll([...ids.filter(id => waiting.has(id) || id === this.openId), ...ids]);
    [...waiting].filter(id => !this.conversations.has(id)).forEach(id => this.#sender.begin(id));
  }

  #refused(entry, error) {
    if (error.code === "conversation_not_found") {
      this.remove(entry.conversation);
    } else if (error.code === "recipient_deleted") {
      this.#refreshQuietly();
    }
  }

  #joined(id, seq) {
    this.additions.joined(id);
    if (this.conversations.has(id)) {
      this.conversations.raise(id, seq);
      this.emit("conversations");
    }
    this.#sender.begin(id);
  }

  /** After a restore the server may have fewer messages. */
  #shorten(id, seq) {
    this.marks.forget(id);
    this.conversations.limit(id, seq);
    this.#shelf.unhide(id);
    this.emit("conversations");
    this.#refreshQuietly();
  }

  /** Takes over what the server says of a conversation. */
  learn(conversation) {
    if (conversation.id === this.openId && !this.conversations.has(conversation.id)) {
      // It was opened by its address before it was known.
      this.#shelf.open(conversation);
    }
    this.people.learn(conversation.members);
    this.marks.learn(conversation);
    this.conversations.learn(conversation);
  }

  /** The user is no longer in it. @param isOwn whether they have left it, perhaps on another device */
  remove(id, isOwn = false) {
    const conversation = this.conversations.get(id);
    const unsent = this.outbox.of(id);
    if (!conversation && unsent.length === 0) {
      return;
    }
    this.conversations.removed(id);
    this.#timelines.delete(id);
    this.#following.forget(id);
    this.additions.forget(id);
    this.marks.forget(id);
    unsent.forEach(entry => this.outbox.remove(entry));
    const title = conversation && this.title(conversation);
    this.emit("removed", { id, title, unsent: unsent.map(entry => entry.content), isOwn });
    this.emit("conversations");
  }

  /** After a restore from a backup a seq may stand for another message. Unsent messages are kept. */
  #forgetAll() {
    this.pending.clear();
    this.quotes.clear();
    this.places.clear();
    this.#timelines.forEach(timeline => timeline.clear());
    this.conversations.forEach((_, id) => this.marks.forget(id));
    this.conversations.outdate();
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
      this.emit("ended", state.reason);
    }
  }
}
