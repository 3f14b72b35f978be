import { h } from "../base/dom.js";

const kept = 5;

/** Announces new messages to screen readers. The list itself cannot: older history would be read out too. */
export class Announcer {
  element = h("div", { class: "visually-hidden", role: "log", "aria-live": "polite", "aria-label": "New messages" });

  say(text) {
    this.element.append(h("p", {}, text));
    while (this.element.childElementCount > kept) {
      this.element.firstElementChild.remove();
    }
  }
}
