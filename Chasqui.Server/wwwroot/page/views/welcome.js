import { h, icon, name } from "../base/dom.js";
import { openNewConversation } from "./new-conversation.js";

/** Shown next to the list while nothing is open. */
export class Welcome {
  title = "";

  constructor(chat) {
    this.element = h("section", { class: "empty", "aria-label": "Nothing open" },
      h("div", { class: "empty-mark" }, icon("chat")),
      h("h1", {}, "Hello, ", name(chat.people.name(chat.me.id))),
      h("p", { class: "muted" }, "Choose a conversation, or start one with another user of this server."),
      h("button", { type: "button", class: "button primary", onclick: () => openNewConversation(chat) }, icon("plus"), "New chat"));
  }

  close() {}

  focus() {}
}
