import { h, name } from "../base/dom.js";
import { avatar } from "./avatar.js";

/** `@` and the letters after it, up to the caret. */
const begun = /(?:^|[\s(])@([\p{L}\p{M}]*)$/u;

const most = 6;

const folded = text => text.normalize("NFKC").toLowerCase();

/** Completes `@` to the username of a member. The field keeps the focus; the list tells what Enter and Tab would choose. */
export class MentionPicker {
  #input;
  #members;
  #found = [];
  #active = 0;
  element = h("ul", { class: "options mention-options", id: "mention-options", role: "listbox", "aria-label": "Members", hidden: true });

  /** @param members returns the members who can be mentioned */
  constructor(input, members) {
    this.#input = input;
    this.#members = members;
    input.setAttribute("aria-controls", "mention-options");
    input.addEventListener("blur", () => this.#show([]));
  }

  /** The text or the caret has changed. */
  update() {
    const { value, selectionStart, selectionEnd } = this.#input;
    const match = selectionStart === selectionEnd ? begun.exec(value.slice(0, selectionStart)) : null;
    const start = match && folded(match[1]);
    this.#active = 0;
    this.#show(match ? this.#members().filter(({ username, display_name: shown }) =>
      folded(username).startsWith(start) || (shown && folded(shown).startsWith(start))).slice(0, most) : []);
  }

  /** Returns whether the key was used. */
  key(event) {
    const { length } = this.#found;
    if (length === 0 || event.shiftKey) {
      return false;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.#active = (this.#active + (event.key === "ArrowDown" ? 1 : length - 1)) % length;
      this.#mark();
    } else if (event.key === "Enter" || event.key === "Tab") {
      this.#choose(this.#found[this.#active]);
    } else if (event.key === "Escape") {
      this.#show([]);
    } else {
      return false;
    }
    return true;
  }

  #choose({ username }) {
    const { value, selectionStart } = this.#input;
    const start = value.slice(0, selectionStart).replace(/@[\p{L}\p{M}]*$/u, `@${username} `);
    this.#input.value = start + value.slice(selectionStart);
    this.#input.setSelectionRange(start.length, start.length);
    this.#input.dispatchEvent(new Event("input"));
  }

  #show(found) {
    this.#found = found;
    this.element.hidden = found.length === 0;
    this.element.replaceChildren(...found.map(member => h("li", {
      id: `mention-${member.id}`, class: "option", role: "option", "aria-selected": "false",
      // Before the field loses the focus.
      onpointerdown: event => { event.preventDefault(); this.#choose(member); },
    }, avatar(member.display_name ?? member.username, member.id),
    h("span", {}, name(member.display_name ?? member.username), member.display_name && h("span", { class: "username" }, name(member.username))))));
    this.#mark();
  }

  #mark() {
    [...this.element.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === this.#active)));
    const active = this.element.children[this.#active];
    active ? this.#input.setAttribute("aria-activedescendant", active.id) : this.#input.removeAttribute("aria-activedescendant");
  }
}
