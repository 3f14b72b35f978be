import { isLooking, onLooking } from "../base/attention.js";
import { claim, hold, isHeld } from "../base/locks.js";
import { plainText } from "../base/markup.js";
import { navigation } from "../base/navigation.js";
import * as storage from "../base/storage.js";

/** How long the tabs that get a message later may not notify of it. Then the storage of this browser tells them. */
const claimMs = 10_000;

const longest = 200;
const icon = new URL("../icons/192.png", import.meta.url).href;

/**
 * Desktop notifications: one for each message in all tabs together, and none for the conversation that the user looks at
 * in any of them.
 */
export class Notifier {
  #chat;
  #shown = new Map();
  #stops;
  #lookedAt = null;
  #release = () => {};

  constructor(chat) {
    this.#chat = chat;
    this.#stops = [
      chat.on("arrived", message => this.#newest(message.conversation_id, [message])),
      chat.on("caught-up", ({ id }) => this.#newest(id, chat.timeline(id).messages)),
      chat.on("added", conversation =>
        this.#show(conversation.id, conversation.last_seq, "", `You were added to ${chat.title(conversation)}`)),
      chat.on("conversations", () => this.#closeRead()),
      chat.on("open", () => this.#look()),
      onLooking(() => this.#look()),
    ];
    this.#look();
  }

  close() {
    this.#stops.forEach(stop => stop());
    this.#release();
    this.#shown.forEach(notification => notification.close());
  }

  /** Notifies of the newest of some messages that is unread and that the user wants to know of. */
  #newest(id, messages) {
    const choice = this.#chat.notifications.of(id);
    const read = this.#chat.marks.of(id);
    const message = messages.findLast(message => message.sender_id !== this.#chat.me.id && message.seq > read && !message.deleted_at
      && (choice === "all" || (choice === "mentions" && this.#chat.marks.isMention(message))));
    if (message) {
      const sender = this.#chat.people.name(message.sender_id);
      const name = this.#chat.conversations.get(id)?.name;
      this.#show(id, message.seq, plainText(message.content).slice(0, longest), name ? `${sender} in ${name}` : sender);
    }
  }

  async #show(id, seq, body, title) {
    const { me, notifications } = this.#chat;
    const done = `notified.${me.id}.${id}`;
    const { epoch, seq: newest } = storage.read(done) ?? {};
    if (!notifications.desktop || notifications.of(id) === "none" || (seq && newest >= seq && epoch === this.#chat.marks.epoch)
      || this.#lookedAt === id || await isHeld(this.#lookOf(id)) || !await claim(`${done}.${seq}`, claimMs)) {
      return;
    }
    storage.write(done, { epoch: this.#chat.marks.epoch, seq });
    let notification;
    try {
      notification = new Notification(title, { body, icon, tag: id, renotify: true, silent: !notifications.sound });
    } catch {
      // On Android only service workers can notify.
      return;
    }
    notification.onclick = () => {
      window.focus();
      navigation.open(`c/${id.slice("conv:".length)}`);
      notification.close();
    };
    this.#shown.set(id, notification);
  }

  #closeRead() {
    for (const [id, notification] of this.#shown) {
      const conversation = this.#chat.conversations.get(id);
      if (!conversation || !this.#chat.attention(conversation)) {
        notification.close();
        this.#shown.delete(id);
      }
    }
  }

  #look() {
    const id = isLooking() ? this.#chat.openId : null;
    if (id !== this.#lookedAt) {
      this.#release();
      this.#lookedAt = id;
      this.#release = id ? hold(this.#lookOf(id)) : () => {};
    }
  }

  #lookOf = id => `looking.${this.#chat.me.id}.${id}`;
}
