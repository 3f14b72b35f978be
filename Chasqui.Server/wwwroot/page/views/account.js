import { h, icon, reconcile, spinner } from "../base/dom.js";
import { preferences, prefer } from "../base/preferences.js";
import { fullTime } from "../base/times.js";
import { nameOf } from "../chat/people.js";
import { registrationMode } from "../chat/registration.js";
import { field } from "./field.js";

const themes = [["", "As the system"], ["light", "Light"], ["dark", "Dark"]];
const languages = ["ar", "cs", "da", "de", "el", "en-GB", "en-US", "es", "fi", "fr", "he", "hi", "hu", "it", "ja", "ko", "nb",
  "nl", "pl", "pt-BR", "pt-PT", "ro", "ru", "sv", "tr", "uk", "vi", "zh-CN", "zh-TW"];

const invitations = {
  open: "Everyone who can open this address can create an account:",
  invited: "Others need an invitation. The operator of this server makes invitation links with the command “invites create”.",
  closed: "The operator of this server makes the accounts, with the command “users add”.",
};

/** The user's own account: appearance, password, sessions, blocked users. */
export class AccountView {
  title = "Account";
  #chat;
  #stop;
  #email = h("p", { class: "muted" });
  #displayNameField;
  #displayName;
  #sessions = h("ul", { class: "account-list", role: "list" }, spinner("Loading sessions"));
  #blocks = h("ul", { class: "account-list", role: "list" });
  #others = h("p", {});
  #error = h("p", { class: "form-error", role: "alert" });

  constructor(chat) {
    this.#chat = chat;
    this.#displayNameField = field(
      "Name that others see",
      {
        name: "display-name", autocomplete: "name", autocapitalize: "words", dir: "auto", required: false,
        oninput: event => { event.target.dataset.isTyped = "yes"; },
      },
      `You log in and are mentioned as ${chat.me.username}. Leave it empty to be seen by that name.`);
    this.#displayName = this.#displayNameField.querySelector("input");
    this.element = h("section", { class: "account", "aria-label": "Account" },
      h("header", { class: "conversation-head" },
        h("a", { class: "icon-button back", href: "#", "aria-label": "Back to the list", title: "Back to the list" }, icon("back")),
        h("div", { class: "conversation-title" }, h("h1", {}, h("bdi", {}, chat.me.username)), this.#email)),
      h("div", { class: "account-body" }, this.#error,
        section("Name", this.#nameForm()),
        section("Appearance",
          select("Theme", themes, preferences().theme, theme => prefer({ theme })),
          select("Language of dates", [["", "As the browser"], ...languages.map(tag => [tag, languageName(tag)])], preferences().locale,
            locale => { prefer({ locale }); location.reload(); })),
        section("Password", passwordForm(chat.api)),
        section("Where you are logged in", this.#sessions),
        section("Blocked users", this.#blocks),
        section("Bring others in", this.#others)));
    this.#stop = chat.connection.on("online", () => this.#load());
    this.#load();
  }

  close() {
    this.#stop();
  }

  focus() {
    this.element.querySelector("h1").tabIndex = -1;
    this.element.querySelector("h1").focus();
  }

  #load() {
    return this.#attempt(async () => {
      const api = this.#chat.api;
      const [me, sessions, blocks, mode] = await Promise.all([api.get("me"), api.get("sessions"), api.get("blocks"), registrationMode()]);
      this.#email.textContent = me.email;
      this.#chat.people.learn([me]);
      if (!this.#displayName.dataset.isTyped) {
        this.#displayName.value = me.display_name ?? "";
      }
      reconcile(this.#sessions, sessions.map(session => rowOf(session, () => this.#session(session))));
      reconcile(this.#blocks, blocks.map(user => rowOf(user, () => this.#blocked(user))));
      this.#blocks.parentElement.hidden = blocks.length === 0;
      const address = new URL(".", document.baseURI).href;
      this.#others.replaceChildren(invitations[mode] ?? "", ...mode === "open" ? [" ", h("a", { href: address }, address)] : []);
    });
  }

  #nameForm() {
    const said = h("p", { role: "status" });
    const error = h("p", { class: "form-error", role: "alert" });
    const change = async event => {
      event.preventDefault();
      said.textContent = error.textContent = "";
      try {
        const me = await this.#chat.api.patch("me", { display_name: this.#displayName.value.trim() });
        this.#chat.people.learn([me]);
        this.#displayName.value = me.display_name ?? "";
        delete this.#displayName.dataset.isTyped;
        said.textContent = "The name is saved.";
      } catch (refusal) {
        error.textContent = `${refusal.message.replace("The field 'display_name'", "The name")}.`;
      }
    };
    return h("form", { class: "account-form", novalidate: true, onsubmit: change },
      this.#displayNameField, error, said, h("button", { class: "button primary" }, "Save name"));
  }

  #session({ id, user_agent: agent, address, last_seen_at: seen, current }) {
    return h("li", { class: "account-row" },
      h("div", {},
        h("p", {}, h("bdi", {}, deviceOf(agent)), current && h("span", { class: "tag" }, "This one")),
        h("p", { class: "hint" }, [address, `seen ${fullTime(seen)}`].filter(Boolean).join(", "))),
      !current && small("End", deviceOf(agent), () => this.#delete(`sessions/${id}`)));
  }

  #blocked(user) {
    return h("li", { class: "account-row" }, h("bdi", {}, nameOf(user)),
      small("Unblock", nameOf(user), () => this.#delete(`blocks/${user.id}`)));
  }

  #delete(path) {
    return this.#attempt(async () => {
      await this.#chat.api.delete(path);
      await this.#load();
    });
  }

  async #attempt(action) {
    try {
      this.#error.textContent = "";
      await action();
    } catch (error) {
      this.#error.textContent = `${error.message}.`;
      this.#sessions.querySelector(".spinner")?.remove();
    }
  }
}

const rowOf = (entry, build) => ({ key: entry.id, version: JSON.stringify(entry), build });

const small = (label, what, onclick) =>
  h("button", { type: "button", class: "button small", "aria-label": `${label} ${what}`, onclick }, label);

const section = (title, ...content) => h("section", { class: "account-section", "aria-label": title }, h("h2", {}, title), ...content);

function select(label, options, chosen, change) {
  const id = `choose-${label.split(" ")[0].toLowerCase()}`;
  return h("div", { class: "field" }, h("label", { for: id }, label),
    h("select", { id, onchange: event => change(event.target.value || undefined) },
      ...options.map(([value, text]) => h("option", { value, selected: value === (chosen ?? "") }, text))));
}

function passwordForm(api) {
  const said = h("p", { role: "status" });
  const error = h("p", { class: "form-error", role: "alert" });
  const form = h("form", { class: "account-form", novalidate: true, onsubmit: change },
    field("Old password", { name: "old", type: "password", autocomplete: "current-password" }),
    field("New password", { name: "new", type: "password", autocomplete: "new-password" },
      "At least 8 characters. You stay logged in here, and nowhere else."),
    error, said, h("button", { class: "button primary" }, "Change password"));

  async function change(event) {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    said.textContent = error.textContent = "";
    try {
      await api.post("password", { old_password: values.old, new_password: values.new });
      form.reset();
      said.textContent = "The password is changed.";
    } catch (refusal) {
      error.textContent = `${refusal.message.replace(/^The field '(\w+)_password'/, (_, which) => `The ${which} password`)}.`;
    }
  }

  return form;
}

function languageName(tag) {
  const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag);
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}

/** The browser and the system of a User-Agent, for people. */
function deviceOf(agent) {
  const named = names => names.find(([token]) => agent?.includes(token))?.[1];
  const browser = named(browsers);
  const system = named(systems);
  return browser ? `${browser}${system ? ` on ${system}` : ""}` : agent ?? "Unknown program";
}

/** A program or a system that also names others, which it resembles, stands before them. */
const browsers = [["Edg/", "Edge"], ["EdgA/", "Edge"], ["EdgiOS/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"],
  ["FxiOS/", "Firefox"], ["Chrome/", "Chrome"], ["CriOS/", "Chrome"], ["Safari/", "Safari"]];
const systems = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["CrOS", "ChromeOS"], ["Windows", "Windows"],
  ["Mac OS X", "macOS"], ["Linux", "Linux"]];
