import { pageSize } from "./history.js";

/** Takes messages and conversations that arrive, and messages that were acknowledged, into the state of a chat. */
export class Receiver {
  #chat;
  #following;

  constructor(chat, following) {
    this.#chat = chat;
    this.#following = following;
    chat.connection.on("event", event => this.#receive(event));
  }

  /** Another user opened it with this user, or added this user to it. The messages up to `read` are not new to them. */
  added(conversation, read) {
    const { additions, loaded, openId } = this.#chat;
    const isNew = additions.add(conversation, read, loaded);
    if (conversation.id === openId) {
      additions.open(conversation.id);
    } else if (isNew && loaded) {
      this.#chat.emit("added", conversation);
    }
  }

  /** The server has stored an entry of the outbox. */
  delivered(entry, ack) {
    this.#chat.pending.acknowledge(ack.message_id);
    if (!this.#chat.timeline(entry.conversation).isEmpty || ack.seq === 1) {
      this.#take({
        id: ack.message_id, conversation_id: entry.conversation, sender_id: this.#chat.me.id, content: entry.content,
        message_type: "text", created_at: ack.created_at, seq: ack.seq,
      });
    }
  }

  #receive(event) {
    if (event.type === "NewMessage") {
      this.#take(event.message);
    } else if (event.type === "ConversationCreated" || event.type === "ConversationUpdated") {
      const { conversation } = event;
      const isNew = event.type === "ConversationCreated" && !this.#chat.conversations.has(conversation.id);
      this.#chat.learnCreated(conversation);
      if (isNew) {
        this.added(conversation, conversation.last_seq);
      }
      this.#chat.emit("conversations");
      this.#chat.emit("timeline", conversation.id);
      this.#following.follow(conversation.id);
    } else if (event.type === "ConversationRemoved") {
      this.#chat.removed(event.conversation_id, event.reason === "left");
    }
  }

  #take(message) {
    const chat = this.#chat;
    const { conversation_id: id, sender_id: sender } = message;
    const timeline = chat.timeline(id);
    if (!timeline.offer(message)) {
      return;
    }
    if (id !== chat.openId && timeline.messages.length > 2 * pageSize) {
      timeline.rest(pageSize);
    }
    const isLive = this.#following.has(id);
    if (sender === chat.me.id) {
      chat.marks.raise(id, message.seq);
    }
    chat.raise(id, message.seq, message.created_at);
    chat.emit("timeline", id);
    if ((isLive || chat.additions.isNews(message)) && sender !== chat.me.id) {
      chat.emit("arrived", message);
    }
    if (timeline.hasGap && isLive) {
      this.#following.fill(id);
    }
  }
}
