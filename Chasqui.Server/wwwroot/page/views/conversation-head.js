import { h, icon, morph, name } from "../base/dom.js";
import { shortTime } from "../base/times.js";
import { avatar, groupAvatar } from "./avatar.js";
import { openDirectMenu } from "./direct-menu.js";
import { openMembers } from "./members.js";
import { notificationsButton } from "./notifications.js";

/** The line above a conversation: its name, who is in it or whether the other one is there, and what can be done. */
export class ConversationHead {
  #chat;
  #version = null;
  element = h("header", { class: "conversation-head" });

  constructor(chat) {
    this.#chat = chat;
  }

  draw(conversation) {
    const { id, member_count: people } = conversation;
    const title = this.#chat.title(conversation);
    const isGroup = conversation.conversation_type === "group";
    const status = isGroup ? (people === 1 ? "Only you" : `${people} people`) : this.#statusOf(conversation);
    const version = JSON.stringify([title, status]);
    if (this.#version === version) {
      return;
    }
    this.#version = version;
    morph(this.element, h("header", { class: "conversation-head" },
      back(),
      isGroup ? groupAvatar(id) : avatar(title, (this.#chat.other(conversation) ?? this.#chat.me).id),
      h("div", { class: "conversation-title" },
        h("h1", {}, name(title)),
        h("p", { class: "muted" }, status)),
      notificationsButton(this.#chat, id),
      isGroup ? dialogButton(() => openMembers(this.#chat, id), icon("people"), "People")
        : dialogButton(() => openDirectMenu(this.#chat, id), "More")));
  }

  drawMissing() {
    this.#version = null;
    this.element.replaceChildren(back(), h("h1", {}, "Not found"));
  }

  /** Whether the other one is there, or since when they are not. */
  #statusOf(conversation) {
    const other = this.#chat.other(conversation);
    const { status, last_seen_at: lastSeen } = (other && !other.deleted && this.#chat.presence.of(other.id)) || {};
    return status === "online" ? "Online" : status === "away" ? "Away"
      : lastSeen ? `Last seen ${shortTime(lastSeen)}` : "Direct chat";
  }
}

const back = () =>
  h("a", { class: "icon-button back", href: "#", "aria-label": "Back to the list", title: "Back to the list" }, icon("back"));

const dialogButton = (onclick, ...label) =>
  h("button", { type: "button", class: "button quiet", "aria-haspopup": "dialog", onclick }, ...label);
