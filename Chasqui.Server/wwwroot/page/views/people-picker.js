import { h, icon, name, reconcile } from "../base/dom.js";
import { isComposing } from "../base/keys.js";
import { nameOf } from "../chat/people.js";
import { avatar, usernameOf } from "./avatar.js";

const pauseMs = 200;

/**
 * Search and choice of people: a combobox with a list. Arrow keys move in the list, Enter chooses, Backspace in an empty field removes
 * the last choice.
 */
export class PeoplePicker {
  #api;
  #excluded;
  #changed;
  #found = [];
  #active = 0;
  #timer;
  #asked = 0;
  #chips = h("ul", { class: "chips", role: "list" });
  #options = h("ul", { class: "options", id: "people-options", role: "listbox", "aria-label": "People" });
  #note = h("p", { class: "picker-note muted", role: "status" });
  #input = h("input", {
    id: "people-search", role: "combobox", "aria-expanded": "false", "aria-controls": "people-options", "aria-autocomplete": "list",
    autocomplete: "off", autocapitalize: "none", spellcheck: "false", placeholder: "Search people by name", dir: "auto",
    oninput: () => this.#later(), onkeydown: event => this.#key(event),
  });

  chosen = [];

  /** @param excluded tells the ids that cannot be chosen @param changed called after each choice */
  constructor(api, excluded, changed, label = "People") {
    this.#api = api;
    this.#excluded = excluded;
    this.#changed = changed;
    this.element = h("div", { class: "picker" },
      h("label", { for: "people-search" }, label),
      this.#chips,
      h("div", { class: "search" }, icon("search"), this.#input),
      this.#options, this.#note);
    this.#note.textContent = hint;
  }

  focus() {
    this.#input.focus();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(), pauseMs);
  }

  async #search() {
    const query = this.#input.value.trim();
    const asked = ++this.#asked;
    if (!query) {
      return this.#show([], hint);
    }
    try {
      const users = await this.#api.get(`users?query=${encodeURIComponent(query)}&limit=20`);
      if (asked === this.#asked) {
        const excluded = this.#excluded();
        const found = users.filter(user => !excluded.includes(user.id) && !this.chosen.some(chosen => chosen.id === user.id));
        this.#show(found, found.length ? "" : "No other user has a name that begins like that.");
      }
    } catch (error) {
      // Names consist of letters; without one there is nothing to search.
      if (asked === this.#asked) {
        this.#show([], error.code === "invalid_field" ? "No other user has a name that begins like that." : `${error.message}.`);
      }
    }
  }

  #show(found, note) {
    const active = this.#found[this.#active]?.id;
    this.#found = found;
    this.#active = Math.max(0, found.findIndex(user => user.id === active));
    this.#note.textContent = note;
    reconcile(this.#options, found.map(user => ({
      key: user.id,
      version: nameOf(user),
      build: () => h("li", {
        id: `option-${user.id}`, class: "option", role: "option", "aria-selected": "false", onclick: () => this.#choose(user),
      }, avatar(nameOf(user), user.id), h("span", {}, name(nameOf(user)), usernameOf(user))),
    })));
    this.#input.setAttribute("aria-expanded", String(found.length > 0));
    this.#mark();
  }

  #mark() {
    [...this.#options.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === this.#active)));
    if (this.#found.length) {
      this.#input.setAttribute("aria-activedescendant", this.#options.children[this.#active].id);
      this.#options.children[this.#active].scrollIntoView({ block: "nearest" });
    } else {
      this.#input.removeAttribute("aria-activedescendant");
    }
  }

  #key(event) {
    const { length } = this.#found;
    if (isComposing(event)) {
      return;
    }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && length) {
      event.preventDefault();
      this.#active = (this.#active + (event.key === "ArrowDown" ? 1 : length - 1)) % length;
      this.#mark();
    } else if (event.key === "Enter" && length) {
      event.preventDefault();
      this.#choose(this.#found[this.#active]);
    } else if (event.key === "Backspace" && !this.#input.value && this.chosen.length) {
      this.#take(this.chosen.at(-1));
    }
  }

  #choose(user) {
    this.chosen.push(user);
    this.#input.value = "";
    this.#show([], "");
    this.#draw();
  }

  #take(user) {
    this.chosen = this.chosen.filter(chosen => chosen.id !== user.id);
    this.#draw();
  }

  #draw() {
    reconcile(this.#chips, this.chosen.map(user => ({
      key: user.id,
      version: nameOf(user),
      build: () => h("li", { class: "chip" }, h("span", {}, name(nameOf(user))),
        h("button", {
          type: "button", class: "chip-remove", "aria-label": `Take ${nameOf(user)} out`, onclick: () => this.#take(user),
        }, icon("close"))),
    })));
    this.#chips.scrollTop = this.#chips.scrollHeight;
    this.#changed(this.chosen);
    this.focus();
  }
}

const hint = "Type the beginning of a name.";
