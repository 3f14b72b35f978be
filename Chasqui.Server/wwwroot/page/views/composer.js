import { h, icon } from "../base/dom.js";
import { isComposing, isHardwareKey } from "../base/keys.js";
import * as storage from "../base/storage.js";
import { isBlank } from "../base/text.js";

/** The number of remaining characters from which the countdown is shown. */
const warnAt = 500;

const isTouch = matchMedia("(pointer: coarse)");

/**
 * The input for messages. Enter sends, Shift+Enter starts a new line, Ctrl+Enter and Cmd+Enter send everywhere. On touch screens
 * Enter starts a new line, since on-screen keyboards have no Shift+Enter, unless it is the key of a hardware keyboard. Drafts are kept.
 */
export class Composer {
  #send;
  #max;
  #draft;
  #box;
  #closed = h("p", { class: "composer-closed muted", role: "status" });
  #count = h("span", { class: "composer-count", role: "status" });
  #button = h("button", { class: "send-button", "aria-label": "Send", title: "Send" }, icon("send"));
  #input = h("textarea", {
    id: "composer", rows: 1, dir: "auto", placeholder: "Write a message", "aria-label": "Message",
    enterkeyhint: isTouch.matches ? "enter" : "send",
    oninput: () => this.#changed(), onkeydown: event => this.#key(event),
  });

  constructor(userId, conversation, maxCharacters, send) {
    this.#draft = draftsOf(userId) + conversation;
    this.#max = maxCharacters;
    this.#send = send;
    this.#box = h("div", { class: "composer-box" }, this.#input, this.#count, this.#button);
    this.element = h("form", { class: "composer", onsubmit: event => { event.preventDefault(); this.#submit(); } },
      this.#box, this.#closed);
    this.#input.value = storage.read(this.#draft) ?? "";
    this.#changed();
  }

  /** Shows why nothing can be sent; "" opens it again. */
  refuse(reason) {
    this.#closed.textContent = reason;
    this.#box.hidden = reason !== "";
  }

  focus() {
    if (!isTouch.matches) {
      this.#input.focus();
    }
  }

  #key(event) {
    if (event.key !== "Enter" || isComposing(event)) {
      return;
    }
    if (event.ctrlKey || event.metaKey || (!event.shiftKey && !event.altKey && (!isTouch.matches || isHardwareKey(event)))) {
      event.preventDefault();
      this.#submit();
    }
  }

  #changed() {
    const text = this.#input.value;
    const left = this.#max - [...text].length;
    this.#count.textContent = left < 0 ? `${-left} characters too many` : left <= warnAt ? `${left} left` : "";
    this.#count.classList.toggle("too-many", left < 0);
    this.#input.setAttribute("aria-invalid", String(left < 0));
    this.#button.disabled = isBlank(text) || left < 0;
    text ? storage.write(this.#draft, text) : storage.remove(this.#draft);
    // For browsers that cannot size a field by its content.
    if (!CSS.supports("field-sizing", "content")) {
      this.#input.style.height = "auto";
      this.#input.style.height = `${this.#input.scrollHeight}px`;
    }
  }

  #submit() {
    if (!this.#button.disabled) {
      // A lone surrogate cannot be sent as UTF-8.
      this.#send(this.#input.value.toWellFormed());
      this.#input.value = "";
      this.#changed();
      this.#input.focus();
    }
  }
}

const draftsOf = userId => `draft.${userId}.`;

export const forgetDrafts = userId => storage.keys(draftsOf(userId)).forEach(id => storage.remove(draftsOf(userId) + id));

/** Returns a draft and deletes it. */
export function takeDraft(userId, conversation) {
  const key = draftsOf(userId) + conversation;
  const text = storage.read(key);
  storage.remove(key);
  return text;
}
