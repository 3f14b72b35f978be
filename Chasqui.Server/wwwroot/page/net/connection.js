import { Emitter } from "../base/emitter.js";
import { Backoff } from "./backoff.js";

/** The time in which Welcome must arrive. */
const welcomeMs = 10_000;

/** After this time online the next pause is short again. */
const steadyMs = 5_000;

/** The timeout of a ping after the tab or the computer wakes up, and of an attempt that was running by then. */
const wakeMs = 4_000;

/** A timer that is this much late tells that the computer slept. */
const tickMs = 2_000;
const lateMs = 3_000;

/** Close codes that end the session (see --list-ws). After 4401 the token may have been renewed: the next ticket shows it. */
const endings = { 4403: "disabled" };

/** Close codes after which a quick reconnect would make it worse, and how long to wait. */
const pauses = { 1013: 3_000, 4429: 5_000 };

/** A frame that was refused, or that got no answer before the connection was lost (`code` is then "disconnected"). */
export class RequestError extends Error {
  constructor({ message, code, retry_after_ms: retryAfterMs }) {
    super(message);
    Object.assign(this, { code, retryAfterMs });
  }
}

/**
 * The raw JSON WebSocket. It opens with a ticket, sends hello, and reconnects.
 * Emits `state`; `online` after each Welcome, with it; and `event` with each other event.
 */
export class Connection extends Emitter {
  #api;
  #backoff = new Backoff();
  #socket = null;
  #requests = new Map();
  #lastRequest = 0;
  #retryAfterMs = 0;
  #timers = {};

  /** The ping that is not answered yet: { deadlineMs }. */
  #asked = null;
  #openedAt = 0;
  #tickedAt = 0;
  #stopped = true;
  #listening = new AbortController();

  /** phase: "connecting", "online", "waiting" (until retryAt; refusal says why, where the server does) or "ended" (reason). */
  state = { phase: "connecting" };

  /** Whether it has been online before: a reconnect is not the first connection. */
  wasOnline = false;

  constructor(api) {
    super();
    this.#api = api;
  }

  get isOnline() {
    return this.state.phase === "online";
  }

  start() {
    this.#stopped = false;
    const options = { signal: this.#listening.signal };
    addEventListener("online", () => this.#wake(), options);
    addEventListener("offline", () => this.#check(), options);
    addEventListener("focus", () => this.#wake(), options);
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake(), options);
    this.#tickedAt = Date.now();
    this.#timers.tick = setInterval(() => this.#tick(), tickMs);
    this.#open();
  }

  stop(reason) {
    this.#stopped = true;
    this.#listening.abort();
    clearInterval(this.#timers.tick);
    this.#drop();
    this.#set({ phase: "ended", reason });
  }

  retryNow() {
    if (this.state.phase === "waiting") {
      this.#open();
    }
  }

  /** Sends a frame; resolves to its Ack. */
  request(frame) {
    const id = `r${++this.#lastRequest}`;
    return new Promise((resolve, reject) => {
      if (this.isOnline) {
        this.#requests.set(id, { resolve, reject });
        this.#send({ ...frame, request_id: id });
      } else {
        reject(disconnected());
      }
    });
  }

  async #open() {
    this.#drop();
    this.#openedAt = Date.now();
    this.#set({ phase: "connecting" });
    const attempt = this.#socket = {};
    let ticket;
    try {
      ({ ticket } = await this.#api.post("ws/ticket"));
    } catch (error) {
      // An invalid token ends the session, which stops this connection.
      if (this.#socket === attempt) {
        this.#wait(error.retryAfterMs, error.code === "origin_not_allowed" ? error.message : "");
      }
      return;
    }
    if (this.#socket !== attempt) {
      return;
    }

    const socket = this.#socket = new WebSocket(this.#api.socketUrl(ticket));
    const isCurrent = () => this.#socket === socket;
    socket.onopen = () => isCurrent() && this.#send({ type: "hello" });
    socket.onmessage = message => isCurrent() && this.#receive(JSON.parse(message.data));
    // The server answered the call for a ticket; browsers do not say why it refused the handshake.
    socket.onclose = ({ code }) => isCurrent()
      && this.#closed(code, code === 1006 && !this.wasOnline ? "The server refused the connection" : "");
    this.#after("silence", welcomeMs, () => this.#closed(1006));
  }

  #receive(event) {
    this.#heard();
    if (event.type === "Welcome") {
      this.#heartbeat(event.heartbeat_ms);
      this.#after("steady", steadyMs, () => this.#backoff.reset());
      this.#set({ phase: "online" });
      this.wasOnline = true;
      this.emit("online", event);
    } else if (event.type === "Closing") {
      this.#retryAfterMs = event.retry_after_ms;
    } else if (event.request_id && this.#requests.has(event.request_id)) {
      const request = this.#requests.get(event.request_id);
      this.#requests.delete(event.request_id);
      if (event.type === "Ack") {
        // The awaiting code runs before the next frame is read.
        request.resolve(event);
      } else {
        request.reject(new RequestError(event));
      }
    } else if (event.type !== "Pong") {
      this.emit("event", event);
    }
  }

  #closed(code, refusal = "") {
    const atLeastMs = Math.max(this.#retryAfterMs, pauses[code] ?? 0);
    if (endings[code]) {
      this.stop(endings[code]);
    } else {
      this.#wait(atLeastMs, refusal);
    }
  }

  #wait(atLeastMs, refusal = "") {
    this.#drop();
    const pause = this.#backoff.next(atLeastMs);
    this.#set({ phase: "waiting", retryAt: Date.now() + pause, refusal });
    this.#after("retry", pause, () => this.#open());
  }

  /** Pings an idle connection; closes it if nothing arrives. */
  #heartbeat(intervalMs) {
    clearInterval(this.#timers.heartbeat);
    this.#timers.heartbeat = setInterval(() => this.#ping(2 * intervalMs), intervalMs);
  }

  /**
   * Other frames give the answer more time, and do not replace it: after the computer slept, the browser may deliver what a dead
   * connection had received before.
   */
  #ping(deadlineMs) {
    if (this.#asked?.deadlineMs <= deadlineMs) {
      return;
    }
    const asked = this.#asked = { deadlineMs };
    const answered = () => {
      if (this.#asked === asked) {
        this.#asked = null;
        this.#heard();
      }
    };
    // A refusal is an answer too.
    this.request({ type: "ping" }).then(answered, answered);
    this.#heard();
  }

  #heard() {
    clearTimeout(this.#timers.silence);
    this.#timers.silence = null;
    if (this.#asked) {
      this.#after("silence", this.#asked.deadlineMs, () => this.#closed(1006));
    }
  }

  /** The tab comes to the front, the network returns, or the computer wakes up: the connection may be broken. */
  #wake() {
    if (this.state.phase === "connecting" && Date.now() - this.#openedAt > wakeMs) {
      this.#open();
    }
    this.retryNow();
    this.#check();
  }

  #check() {
    if (this.isOnline) {
      this.#ping(wakeMs);
    }
  }

  #tick() {
    const late = Date.now() - this.#tickedAt - tickMs;
    this.#tickedAt = Date.now();
    if (late > lateMs) {
      this.#wake();
    }
  }

  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(frame));
    }
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#retryAfterMs = 0;
    this.#asked = null;
    clearInterval(this.#timers.heartbeat);
    for (const name of ["silence", "steady", "retry"]) {
      clearTimeout(this.#timers[name]);
      this.#timers[name] = null;
    }
    socket?.close?.();
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    requests.forEach(request => request.reject(disconnected()));
  }

  #after(name, ms, action) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(() => {
      this.#timers[name] = null;
      action();
    }, ms);
  }

  #set(state) {
    if (!this.#stopped || state.phase === "ended") {
      this.state = state;
      this.emit("state", state);
    }
  }
}

const disconnected = () => new RequestError({ message: "The connection was lost", code: "disconnected" });
