import { conversationOf, isLogged } from "./events.js";
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

  /** Another user opened it with this user, or added this user to it. What comes after `seq` is news. */
  added(conversation, seq) {
    const { additions, loaded, openId } = this.#chat;
    const isNew = additions.add(conversation, seq, loaded);
    if (conversation.id === openId) {
      additions.open(conversation.id);
    } else if (isNew && loaded) {
      this.#chat.emit("added", conversation);
    }
  }

  /** The server has stored an entry of the outbox. */
  delivered(entry, ack) {
    this.#chat.pending.acknowledge(ack.message_id);
    if (!ack.duplicate && !this.#chat.timeline(entry.conversation).isEmpty) {
      this.#take({
        type: "NewMessage",
        message: {
          id: ack.message_id, conversation_id: entry.conversation, sender_id: this.#chat.me.id, content: entry.content,
          message_type: "text", created_at: ack.created_at, seq: ack.seq, reply_to: entry.replyTo, isProvisional: true,
        },
      });
    }
  }

  #receive(event) {
    if (isLogged(event)) {
      this.#take(event);
    } else if (event.type === "Typing" || event.type === "PresenceChanged") {
      this.#chat.presence.receive(event);
    } else if (event.type === "ReadMarkMoved") {
      this.#readMarkMoved(event);
    } else if (event.type === "ConversationCreated" || event.type === "ConversationUpdated") {
      const { conversation } = event;
      const isNew = event.type === "ConversationCreated" && !this.#chat.conversations.has(conversation.id);
      this.#chat.learnCreated(conversation);
      if (isNew) {
        this.added(conversation, conversation.last_seq);
        if (conversation.last_seq > 0) {
          // The event does not carry the newest message.
          this.#chat.refresh().catch(() => {});
        }
      }
      this.#chat.emit("conversations");
      this.#chat.emit("timeline", conversation.id);
      this.#following.follow(conversation.id);
    } else if (event.type === "ConversationRemoved") {
      this.#chat.remove(event.conversation_id, event.reason === "left");
    }
  }

  /** A member has read up to an event, on this device or another one. */
  #readMarkMoved({ conversation_id: id, user_id: user, seq }) {
    const { me, marks, conversations } = this.#chat;
    if (user === me.id) {
      marks.moved(id, seq);
    }
    conversations.markRead(id, user, seq);
    this.#chat.emit("timeline", id);
  }

  #take(event) {
    const chat = this.#chat;
    const id = conversationOf(event);
    const { message } = event;
    const timeline = chat.timeline(id);
    if (!timeline.offer(event)) {
      return;
    }
    if (id !== chat.openId && timeline.entries.length > 2 * pageSize) {
      timeline.rest(pageSize);
    }
    const isLive = this.#following.has(id);
    chat.apply(id, event);
    chat.emit("timeline", id);
    if (message && message.sender_id !== chat.me.id && (isLive || chat.additions.isNews(message))) {
      chat.emit("arrived", message);
    }
    if (timeline.hasGap && isLive) {
      this.#following.fill(id);
    }
  }
}
