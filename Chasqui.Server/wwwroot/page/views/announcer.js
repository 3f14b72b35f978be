import { h } from "../base/dom.js";

const kept = 5;

/** Tells screen readers what has come in. Not the list of messages itself: older history would be read out as well. */
export class Announcer {
  element = h("div", { class: "visually-hidden", role: "log", "aria-live": "polite", "aria-label": "New messages" });

  say(text) {
    this.element.append(h("p", {}, text));
    while (this.element.childElementCount > kept) {
      this.element.firstElementChild.remove();
    }
  }
}
