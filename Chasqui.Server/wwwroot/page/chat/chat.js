import { Emitter } from "../base/emitter.js";
import { Api } from "../net/api.js";
import { Connection } from "../net/connection.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { ReadMarks } from "./read-marks.js";
import { Sender } from "./sender.js";
import { Timeline } from "./timeline.js";

/** Conversations that are followed live, latest activity first; others are joined when they are opened. */
const maxFollowed = 300;
const pageSize = 50;
const largestPage = 200;

/** More than that is not read up on: the newest page is shown, and the rest as somebody scrolls to it. */
const maxGap = 1000;

const refreshMs = 60_000;
const retryMs = 3_000;

/**
 * Everything that one logged-in user sees. Emits `conversations`; `timeline` with the id of a conversation; `arrived` with
 * a message that was sent just now; `caught-up` with { id, count } after what was missed; `removed` with the id of a
 * conversation that this user is in no longer; and `ended` with the reason.
 */
export class Chat extends Emitter {
  conversations = new Map();
  loaded = false;
  maxCharacters = 10_000;
  #timelines = new Map();
  #joining = new Map();
  #joined = new Set();
  #filling = new Set();
  #sender;
  #openId = null;
  #created = new Set();

  /** Messages whose Ack has come: no pending one can be taken for them. */
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
    this.#sender = new Sender(this.connection, this.outbox, (entry, ack) => this.#delivered(entry, ack), (entry, error) => this.#refused(entry, error));
    this.connection.on("online", welcome => this.#online(welcome));
    this.connection.on("event", event => this.#receive(event));
    this.connection.on("state", state => this.#stateChanged(state));
    this.outbox.on("change", () => this.#outboxChanged());
    this.marks.on("change", () => this.emit("conversations"));
  }

  start() {
    this.connection.start();
    // Whoever is removed from a group is not told so.
    this.#refreshing = setInterval(() => this.#refreshQuietly(), refreshMs);
    document.addEventListener("visibilitychange", this.#refreshQuietly);
  }

  close() {
    clearInterval(this.#refreshing);
    document.removeEventListener("visibilitychange", this.#refreshQuietly);
    this.#sender.close();
    this.outbox.close();
    this.marks.close();
    this.connection.stop("closed");
  }

  /** Latest activity first. */
  get list() {
    return [...this.conversations.values()].sort((a, b) => b.updated_at.localeCompare(a.updated_at) || b.id.localeCompare(a.id));
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

  title(conversation) {
    return conversation.name ?? conversation.members.find(member => member.id !== this.me.id)?.username ?? "Only you";
  }

  /** What is shown below the stored messages: not acknowledged, or acknowledged and not come yet. */
  pending(id) {
    const timeline = this.timeline(id);
    const claimed = new Set();
    return this.outbox.of(id).filter(entry => {
      // It may have come before its Ack, or without one over a connection that was lost.
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

  /** Which conversation is on the screen: it is joined first. */
  async open(id) {
    this.#openId = id;
    if (id && this.connection.isOnline && this.conversations.has(id)) {
      await this.#follow(id);
    }
  }

  /** Loads an older page; tells whether there is more before it. */
  async loadOlder(id) {
    const timeline = this.timeline(id);
    const before = timeline.isEmpty ? "" : `&before=${timeline.first}`;
    const page = await this.api.get(`${messagesOf(id)}?limit=${pageSize}${before}`);
    timeline.prepend(page);
    this.emit("timeline", id);
  }

  async refresh() {
    this.#created.clear();
    const list = await this.api.get("conversations");
    const ids = new Set(list.map(conversation => conversation.id));
    for (const id of this.conversations.keys()) {
      // What was opened while the answer was under way is not in it.
      if (!ids.has(id) && !this.#created.has(id)) {
        this.#forget(id);
      }
    }
    this.marks.begin(list);
    list.forEach(conversation => this.#learn(conversation));
    this.loaded = true;
    this.emit("conversations");
  }

  /** Takes a conversation that an answer held, and follows it. */
  async adopt(conversation) {
    this.#created.add(conversation.id);
    this.#learn(conversation);
    this.emit("conversations");
    await this.#follow(conversation.id);
  }

  async addMember(id, userId) {
    await this.api.post(`conversations/${encodeURIComponent(id)}/participants`, { identifier: userId });
  }

  async removeMember(id, userId) {
    await this.api.delete(`conversations/${encodeURIComponent(id)}/participants/${encodeURIComponent(userId)}`);
    if (userId === this.me.id) {
      this.#forget(id);
      this.emit("conversations");
    }
  }

  #refreshQuietly = async () => {
    if (this.connection.isOnline && this.loaded && !document.hidden) {
      // A failure shows elsewhere, or passes.
      await this.refresh().catch(() => {});
    }
  };

  async #online(welcome) {
    const turn = ++this.#turn;
    this.maxCharacters = welcome.limits.max_content_characters;
    const isRestored = this.#epoch !== undefined && welcome.epoch !== this.#epoch;
    if (isRestored) {
      this.#forgetAll();
    }
    // What is on the screen does not wait for the list.
    const first = !isRestored && this.#openId && this.conversations.has(this.#openId) ? this.#follow(this.#openId) : null;
    try {
      await this.refresh();
      this.#epoch = welcome.epoch;
      if (isRestored) {
        this.conversations.forEach(conversation => this.marks.limit(conversation.id, conversation.last_seq));
      }
    } catch {
      setTimeout(() => turn === this.#turn && this.connection.isOnline && this.#online(welcome), retryMs);
      return;
    }
    await first;
    const waiting = this.outbox.conversations;
    const followed = this.list.filter((conversation, index) =>
      index < maxFollowed || waiting.has(conversation.id) || conversation.id === this.#openId);
    followed.forEach(conversation => this.#follow(conversation.id));
    [...waiting].filter(id => !this.conversations.has(id)).forEach(id => this.#sender.begin(id));
  }

  /** Joins a conversation on this connection, once, and brings its timeline up to date. */
  #follow(id) {
    if (!this.connection.isOnline || this.#joined.has(id)) {
      return Promise.resolve();
    }
    if (!this.#joining.has(id)) {
      this.#joining.set(id, this.#join(id).finally(() => this.#joining.delete(id)));
    }
    return this.#joining.get(id);
  }

  async #join(id) {
    const timeline = this.timeline(id);
    const known = timeline.last;
    // Of one that is not open, the newest message is enough: the list shows it.
    const after = known || Math.max(0, this.conversations.get(id).last_seq - 1);
    try {
      const ack = await this.connection.request({ type: "join", conversation_id: id, after });
      this.#joined.add(id);
      if (ack.replayed === false) {
        await this.#startAnew(id, ack.seq);
      }
      this.#raise(id, ack.seq);
      this.#sender.begin(id);
      if (known && ack.seq > known) {
        this.emit("caught-up", { id, count: ack.seq - known });
      }
    } catch (error) {
      if (error.code === "conversation_not_found") {
        this.#forget(id);
        this.emit("conversations");
      } else if (error.retryAfterMs) {
        setTimeout(() => this.#follow(id), error.retryAfterMs);
      }
      // Otherwise the connection is gone, and it is joined again when there is one; or too many are, and it is when it is opened.
    }
  }

  /** Too far behind, or ahead of a server that was restored: begins again with the newest page. */
  async #startAnew(id, lastSeq) {
    const timeline = this.timeline(id);
    const conversation = this.conversations.get(id);
    if (timeline.last > lastSeq) {
      timeline.clear();
      this.marks.limit(id, lastSeq);
      conversation.last_seq = lastSeq;
    }
    try {
      timeline.replace(await this.api.get(`${messagesOf(id)}?limit=${pageSize}`));
    } catch {
      setTimeout(() => this.#joined.has(id) && this.#startAnew(id, lastSeq), retryMs);
    }
    this.emit("timeline", id);
  }

  /** Reads what is missing between what is shown and what has come. */
  async #fill(id) {
    if (this.#filling.has(id)) {
      return;
    }
    this.#filling.add(id);
    const timeline = this.timeline(id);
    try {
      while (timeline.hasGap) {
        if (timeline.gap > maxGap) {
          timeline.replace(await this.api.get(`${messagesOf(id)}?limit=${pageSize}`));
        } else {
          const missing = await this.api.get(`${messagesOf(id)}?after=${timeline.last}&limit=${largestPage}`);
          missing.forEach(message => timeline.offer(message));
          if (missing.length === 0) {
            break;
          }
        }
        this.emit("timeline", id);
      }
    } catch {
      // The next join begins after what is here.
    } finally {
      this.#filling.delete(id);
    }
  }

  #receive(event) {
    if (event.type === "NewMessage") {
      this.#take(event.message);
    } else if (event.type === "ConversationCreated" || event.type === "ConversationUpdated") {
      this.#created.add(event.conversation.id);
      this.#learn(event.conversation);
      this.emit("conversations");
      this.emit("timeline", event.conversation.id);
      this.#follow(event.conversation.id);
    }
  }

  #take(message) {
    const id = message.conversation_id;
    const timeline = this.timeline(id);
    if (!timeline.offer(message)) {
      return;
    }
    const isLive = this.#joined.has(id);
    if (message.sender_id === this.me.id) {
      this.marks.raise(id, message.seq);
    }
    this.#raise(id, message.seq, message.created_at);
    this.emit("timeline", id);
    if (isLive && message.sender_id !== this.me.id) {
      this.emit("arrived", message);
    }
    if (timeline.hasGap && isLive) {
      this.#fill(id);
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
      // Nobody can read there what was refused.
      this.outbox.of(entry.conversation).forEach(each => this.outbox.remove(each));
      this.#forget(entry.conversation);
      this.emit("conversations");
    }
  }

  #learn(conversation) {
    const known = this.conversations.get(conversation.id);
    this.people.learn(conversation.members);
    // An answer may have been overtaken by an event.
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

  #forget(id) {
    if (this.conversations.delete(id)) {
      this.#timelines.delete(id);
      this.#joined.delete(id);
      this.emit("removed", id);
    }
  }

  /** After the server was restored from a backup: a seq may stand for another message now. What waits to be sent is kept. */
  #forgetAll() {
    this.#acknowledged.clear();
    this.#timelines.forEach(timeline => timeline.clear());
    for (const conversation of this.conversations.values()) {
      // Whatever the list says is newer than this.
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
      this.#joined.clear();
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

const messagesOf = id => `conversations/${encodeURIComponent(id)}/messages`;
