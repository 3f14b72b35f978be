import { h, icon } from "../base/dom.js";
import { openNewConversation } from "./new-conversation.js";

/** Beside the list, while nothing is open. */
export class Welcome {
  title = "";

  constructor(chat) {
    this.element = h("section", { class: "empty", "aria-label": "Nothing open" },
      h("div", { class: "empty-mark" }, icon("chat")),
      h("h2", { dir: "auto" }, `Hello, ${chat.me.username}`),
      h("p", { class: "muted" }, "Choose a conversation, or start one with somebody on this server."),
      h("button", { type: "button", class: "button primary", onclick: () => openNewConversation(chat) }, icon("plus"), "New chat"));
  }

  close() {}

  focus() {}
}
