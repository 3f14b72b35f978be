import { h, logo } from "../base/dom.js";
import { secondsUntil } from "../base/times.js";
import { invitation, registrationMode } from "../chat/registration.js";
import * as session from "../chat/session.js";
import { Backoff } from "../net/backoff.js";
import { field } from "./field.js";
import { closedNote, invitationField } from "./registration.js";

/** Login and registration. While the server is busy it waits as long as the server asks, and tries again. */
export class LoginView {
  #done;
  #isNew = invitation() !== null;
  #mode = "open";
  #error = h("p", { class: "form-error", role: "alert" });
  #form = h("form", { class: "login-form", novalidate: true, onsubmit: event => this.#submit(event) });
  #busy = h("p", { role: "status" });
  #seconds = h("span", { class: "login-seconds muted" });
  #cancel = h("button", { type: "button", class: "link" }, "Cancel");
  #waiting = h("div", { class: "login-waiting", hidden: true }, this.#busy, this.#seconds, this.#cancel);

  /** Ends the attempt that is waiting. */
  #attempt = new AbortController();

  constructor(done, notice) {
    this.#done = done;
    this.#cancel.addEventListener("click", () => this.#attempt.abort());
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

  close() {
    this.#attempt.abort();
  }

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
      this.#waiting,
      h("button", { class: "button primary wide" }, isNew ? "Create account" : "Log in"),
      h("p", { class: "login-other" }, isNew ? "You have an account? " : "New here? ",
        h("button", { type: "button", class: "link", onclick: () => this.#toggle() }, isNew ? "Log in" : "Create an account")),
    ].filter(Boolean));
    this.#applyMode();
  }

  /** What the server said about registering can arrive while the user types. */
  #applyMode() {
    if ((this.#mode === "invited" || invitation() !== null) && this.#isNew && !this.#form.elements.invite) {
      this.#form.querySelector("h2").after(invitationField(invitation()));
    } else if (this.#mode === "closed" && !this.#isNew) {
      this.#form.querySelector(".login-other").replaceWith(closedNote());
    }
  }

  #toggle() {
    this.#attempt.abort();
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
    const attempt = this.#attempt = new AbortController();
    this.#say("", null);
    this.#setBusy(true);
    try {
      if (this.#isNew) {
        await this.#patiently(attempt.signal, () => session.register(username.trim(), email.trim(), password, invite?.trim()));
        this.#registered(username, password);
      }
      await this.#patiently(attempt.signal, () => session.logIn(username.trim(), password));
      this.#done();
    } catch (error) {
      if (!attempt.signal.aborted) {
        this.#say(plain(error), this.#fieldOf(error));
      }
    } finally {
      if (this.#attempt === attempt) {
        this.#setBusy(false);
      }
    }
  }

  /** The account exists: what fails now, and is tried again, is the login. */
  #registered(username, password) {
    this.#isNew = false;
    this.#build();
    Object.assign(this.#form.elements.username, { value: username });
    Object.assign(this.#form.elements.password, { value: password });
    this.#setBusy(true);
  }

  /** Repeats an action while the server says when to try again. */
  async #patiently(signal, action) {
    const backoff = new Backoff();
    for (;;) {
      try {
        return await action();
      } catch (error) {
        if (!error.retryAfterMs) {
          throw error;
        }
        await this.#wait(signal, plain(error), backoff.next(error.retryAfterMs));
        signal.throwIfAborted();
      }
    }
  }

  async #wait(signal, sentence, ms) {
    const until = Date.now() + ms;
    this.#busy.textContent = sentence;
    this.#waiting.hidden = false;
    // Not part of the status: a screen reader would read every second.
    const tick = () => { this.#seconds.textContent = `Trying again in ${secondsUntil(until)} s`; };
    tick();
    const ticking = setInterval(tick, 500);
    await new Promise(resolve => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); });
    });
    clearInterval(ticking);
    this.#waiting.hidden = true;
    this.#busy.textContent = "";
  }

  #setBusy(isBusy) {
    this.#form.querySelector(".primary").disabled = isBusy;
    this.#form.querySelectorAll("input").forEach(input => { input.readOnly = isBusy; });
    // A hidden button keeps the focus until the next frame.
    if (!isBusy && (document.activeElement === document.body || this.#waiting.contains(document.activeElement))) {
      this.#form.querySelector(".primary").focus();
    }
  }

  /** The field that the server refused; none if it refused something else. */
  #fieldOf(error) {
    const name = error.code === "email_taken" ? "email"
      : error.code === "username_taken" ? "username"
      : error.code === "invalid_credentials" ? "password"
      : error.code?.startsWith("invitation_") && this.#form.elements.invite ? "invite"
      : error.message?.match(/field '(\w+)'/)?.[1];
    return this.#form.elements[name] ?? null;
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
