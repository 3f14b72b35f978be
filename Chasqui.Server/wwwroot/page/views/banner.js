import { h } from "../base/dom.js";
import { secondsUntil } from "../base/times.js";

/** Shows that there is no connection, and the time of the next attempt. */
export class ConnectionBanner {
  #connection;
  #stop;
  #ticking;
  #text = h("span", { role: "status" });
  #seconds = h("span", { class: "banner-seconds" });
  #retry = h("button", { type: "button", class: "button small", onclick: () => this.#connection.retryNow() }, "Try now");

  constructor(connection) {
    this.#connection = connection;
    this.element = h("section", { class: "banner", "aria-label": "Connection", "data-phase": "online" }, this.#text, this.#seconds, this.#retry);
    this.#stop = connection.on("state", () => this.#show());
    this.#show();
  }

  close() {
    this.#stop();
    clearInterval(this.#ticking);
  }

  #show() {
    const { phase, retryAt, refusal } = this.#connection.state;
    const failed = phase === "waiting" || (phase === "connecting" && this.element.dataset.phase === "waiting")
      || (phase === "connecting" && this.#connection.wasOnline);
    clearInterval(this.#ticking);
    this.element.dataset.phase = failed ? "waiting" : "online";
    this.#text.textContent = !failed ? ""
      : !navigator.onLine ? "You are offline. Messages are kept and sent later."
      : refusal ? `${refusal}. Trying again…`
      : this.#connection.wasOnline ? "Connection lost. Reconnecting…" : "The server cannot be reached. Trying again…";
    this.#retry.hidden = phase !== "waiting";
    // Not part of the status: a screen reader would read every second.
    this.#tick(retryAt);
    if (phase === "waiting") {
      this.#ticking = setInterval(() => this.#tick(retryAt), 500);
    }
  }

  #tick(retryAt) {
    this.#seconds.textContent = retryAt ? `next try in ${secondsUntil(retryAt)} s` : "";
  }
}
