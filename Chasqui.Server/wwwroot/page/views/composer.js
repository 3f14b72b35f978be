import { h, icon, iconButton, name as bidi } from "../base/dom.js";
import { isComposing, isHardwareKey } from "../base/keys.js";
import * as storage from "../base/storage.js";
import { isBlank } from "../base/text.js";
import { MentionPicker } from "./mention-picker.js";

/** The number of remaining characters from which the countdown is shown. */
const warnAt = 500;

const isTouch = matchMedia("(pointer: coarse)");

/**
 * The input for messages. Enter sends, Shift+Enter starts a new line, Ctrl+Enter and Cmd+Enter send everywhere. On touch screens
 * Enter starts a new line, since on-screen keyboards have no Shift+Enter, unless it is the key of a hardware keyboard. Drafts are kept.
 */
export class Composer {
  #send;
  #typed;
  #editLast;

  /** What is written: { label, who, text, message, isEdit }; null for a message of its own. */
  #subject = null;
  #about = h("div", { class: "composer-about", hidden: true });
  #mentions;
  #max;
  #draft;
  #box;
  #closed = h("p", { class: "composer-closed muted", role: "status" });
  #count = h("span", { class: "composer-count", role: "status" });
  #button = h("button", { class: "send-button", "aria-label": "Send", title: "Send" }, icon("send"));
  #input = h("textarea", {
    id: "composer", rows: 1, dir: "auto", placeholder: "Write a message", "aria-label": "Message",
    enterkeyhint: isTouch.matches ? "enter" : "send",
    oninput: () => this.#typedSome(), onkeydown: event => this.#key(event),
  });

  /**
   * @param send called with the text and the message that it answers or replaces @param members who can be mentioned
   * @param typed called with whether the user types @param editLast called to edit the last own message
   */
  constructor({ userId, conversation, maxCharacters, send, members, typed, editLast }) {
    [this.#typed, this.#editLast] = [typed, editLast];
    this.#mentions = new MentionPicker(this.#input, members);
    this.#draft = draftsOf(userId) + conversation;
    this.#max = maxCharacters;
    this.#send = send;
    this.#box = h("div", { class: "composer-box" }, this.#input, this.#count, this.#button);
    this.element = h("form", { class: "composer", onsubmit: event => { event.preventDefault(); this.#submit(); } },
      this.#mentions.element, this.#about, this.#box, this.#closed);
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

  /** Answers a message. @param who its sender @param text a part of it */
  reply(message, who, text) {
    this.#begin({ label: "Reply to ", who, text, message, isEdit: false });
  }

  /** Replaces the content of an own message. */
  edit(message) {
    this.#begin({ label: "Edit the message", message, isEdit: true });
    this.#input.value = message.content;
    this.#changed();
  }

  #begin(subject) {
    this.#end();
    this.#subject = subject;
    this.#about.hidden = false;
    this.#about.replaceChildren(
      h("span", { class: "composer-about-label" }, subject.label, subject.who && bidi(subject.who)),
      h("span", { class: "composer-about-text", dir: "auto" }, subject.text ?? ""),
      iconButton("close", subject.isEdit ? "Stop editing" : "Do not reply", { onclick: () => this.#cancel() }));
    this.#input.focus();
  }

  /** The draft comes back after an edit. */
  #end() {
    const wasEdit = this.#subject?.isEdit;
    this.#subject = null;
    this.#about.hidden = true;
    if (wasEdit) {
      this.#input.value = storage.read(this.#draft) ?? "";
      this.#changed();
    }
  }

  #cancel() {
    this.#end();
    this.#input.focus();
  }

  #key(event) {
    if (!isComposing(event) && this.#mentions.key(event)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Escape" && this.#subject) {
      event.preventDefault();
      this.#cancel();
    } else if (event.key === "ArrowUp" && !this.#input.value && !this.#subject && !isComposing(event)) {
      event.preventDefault();
      this.#editLast();
    }
    if (event.key !== "Enter" || isComposing(event)) {
      return;
    }
    if (event.ctrlKey || event.metaKey || (!event.shiftKey && !event.altKey && (!isTouch.matches || isHardwareKey(event)))) {
      event.preventDefault();
      this.#submit();
    }
  }

  #typedSome() {
    this.#changed();
    this.#mentions.update();
    this.#typed(!isBlank(this.#input.value));
  }

  #changed() {
    const text = this.#input.value;
    const left = this.#max - [...text].length;
    this.#count.textContent = left < 0 ? `${-left} characters too many` : left <= warnAt ? `${left} left` : "";
    this.#count.classList.toggle("too-many", left < 0);
    this.#input.setAttribute("aria-invalid", String(left < 0));
    this.#button.disabled = isBlank(text) || left < 0;
    if (!this.#subject?.isEdit) {
      text ? storage.write(this.#draft, text) : storage.remove(this.#draft);
    }
    // For browsers that cannot size a field by its content.
    if (!CSS.supports("field-sizing", "content")) {
      this.#input.style.height = "auto";
      this.#input.style.height = `${this.#input.scrollHeight}px`;
    }
  }

  #submit() {
    if (!this.#button.disabled) {
      // A lone surrogate cannot be sent as UTF-8.
      const { message, isEdit } = this.#subject ?? {};
      this.#send(this.#input.value.toWellFormed(), message, isEdit);
      this.#input.value = "";
      this.#end();
      this.#changed();
      this.#input.focus();
    }
  }
}

const draftsOf = userId => `draft.${userId}.`;

export const forgetDrafts = userId => storage.keys(draftsOf(userId)).forEach(id => storage.remove(draftsOf(userId) + id));

export const draftOf = (userId, conversation) => storage.read(draftsOf(userId) + conversation);

/** Returns a draft and deletes it. */
export function takeDraft(userId, conversation) {
  const key = draftsOf(userId) + conversation;
  const text = storage.read(key);
  storage.remove(key);
  return text;
}
