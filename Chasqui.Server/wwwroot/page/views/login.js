import { h, logo } from "../base/dom.js";
import { invitation, registrationMode } from "../chat/registration.js";
import * as session from "../chat/session.js";
import { field } from "./field.js";
import { closedNote, invitationField } from "./registration.js";

/** Login and registration. */
export class LoginView {
  #done;
  #isNew = invitation() !== null;
  #mode = "open";
  #error = h("p", { class: "form-error", role: "alert" });
  #form = h("form", { class: "login-form", novalidate: true, onsubmit: event => this.#submit(event) });

  constructor(done, notice) {
    this.#done = done;
    this.element = h("main", { class: "login" },
      h("div", { class: "login-card" },
        h("header", { class: "login-head" }, logo(), h("h1", {}, "Chasqui")),
        notice && h("p", { class: "notice", role: "status" }, notice),
        this.#form));
    this.#build();
    registrationMode().then(mode => {
      this.#mode = mode;
      this.#applyMode();
    });
  }

  close() {}

  focus() {
    document.title = "Log in – Chasqui";
    this.#form.querySelector("input").focus();
  }

  #build() {
    this.#error.textContent = "";
    const isNew = this.#isNew;
    this.#form.replaceChildren(...[
      h("h2", {}, isNew ? "Create an account" : "Log in"),
      isNew
        ? field("Username", { name: "username", autocomplete: "username", maxlength: 64 }, "Letters only, in any script. Others find you by it.")
        : field("Username or e-mail address", { name: "username", autocomplete: "username" }),
      isNew && field("E-mail address", { name: "email", type: "email", autocomplete: "email" }),
      field("Password", { name: "password", type: "password", autocomplete: isNew ? "new-password" : "current-password" },
        isNew && "At least 8 characters."),
      this.#error,
      h("button", { class: "button primary wide" }, isNew ? "Create account" : "Log in"),
      h("p", { class: "login-other" }, isNew ? "You have an account? " : "New here? ",
        h("button", { type: "button", class: "link", onclick: () => this.#toggle() }, isNew ? "Log in" : "Create an account")),
    ].filter(Boolean));
    this.#applyMode();
  }

  /** What the server said about registering can arrive while the user types. */
  #applyMode() {
    if (this.#mode === "invited" && this.#isNew && !this.#form.elements.invite) {
      this.#form.querySelector("h2").after(invitationField(invitation()));
    } else if (this.#mode === "closed" && !this.#isNew) {
      this.#form.querySelector(".login-other").replaceWith(closedNote());
    }
  }

  #toggle() {
    this.#isNew = !this.#isNew;
    this.#build();
    this.#form.querySelector("input").focus();
  }

  async #submit(event) {
    event.preventDefault();
    const { username, email, password, invite } = Object.fromEntries(new FormData(this.#form));
    const empty = [...this.#form.querySelectorAll("input")].find(input => !input.value.trim());
    if (empty) {
      return this.#say("Please fill in every field.", empty);
    }
    const button = this.#form.querySelector(".primary");
    button.disabled = true;
    this.#error.textContent = "";
    try {
      await (this.#isNew ? session.register(username.trim(), email.trim(), password, invite?.trim()) : session.logIn(username.trim(), password));
      this.#done();
    } catch (error) {
      const wait = Math.ceil(error.retryAfterMs / 1000);
      this.#say(plain(error) + (wait ? ` Try again in ${wait} s.` : ""), this.#fieldOf(error));
    } finally {
      button.disabled = false;
    }
  }

  #fieldOf(error) {
    const name = error.code === "email_taken" ? "email"
      : error.code === "username_taken" ? "username"
      : error.code?.startsWith("invitation_") && this.#form.elements.invite ? "invite"
      : error.message?.match(/field '(\w+)'/)?.[1] ?? "password";
    return this.#form.elements[name];
  }

  #say(sentence, input) {
    this.#error.textContent = sentence;
    this.#form.querySelectorAll("input").forEach(each => each.setAttribute("aria-invalid", each === input));
    input?.focus();
  }
}

/** Error sentences name fields of the API; the form has labels. */
const plain = error => error.message
  .replace(/^The field '(\w)(\w*)'/, (_, first, rest) => `The ${first}${rest}`)
  .replace(/([^.])$/, "$1.");
