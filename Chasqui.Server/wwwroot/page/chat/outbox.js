import { Emitter } from "../base/emitter.js";
import { randomId, tabId } from "../base/ids.js";
import * as storage from "../base/storage.js";

/** How long the connected tab that wrote a message may send it before other tabs do; the tab renews it. */
const leaseMs = 10_000;

/**
 * The messages of one user that the server has not acknowledged, kept in the browser. They survive a reload and are sent again with
 * the same `client_message_id`, so that two tabs may send the same one. Each message has its own key, so that tabs do not overwrite
 * each other's.
 *
 * { id, conversation, content, at, after, replyTo?, tab, lease, failed? }: `after` is the newest known seq when it was written,
 * `replyTo` ({ id, seq }) the message that it answers, `tab` may send it until `lease`, `failed` is the sentence of a permanent refusal.
 */
export class Outbox extends Emitter {
  #start;
  #entries;
  #stop;
  #renewing;
  #canSend;

  /** @param canSend whether this tab is connected; if it is not, other tabs may send its messages */
  constructor(userId, canSend) {
    super();
    this.#canSend = canSend;
    this.#start = `outbox.${userId}.`;
    this.#load();
    this.#stop = storage.onChangeElsewhere(key => {
      if (key === null || key.startsWith(this.#start)) {
        this.#load();
        this.emit("change");
      }
    });
    this.#renewing = setInterval(() => this.#renew(), leaseMs / 3);
    // Releases its messages to other tabs; after a reload this tab takes them again.
    addEventListener("pagehide", this.release);
  }

  close() {
    this.#stop();
    clearInterval(this.#renewing);
    removeEventListener("pagehide", this.release);
  }

  get count() {
    return this.#entries.size;
  }

  /** The messages of one conversation, in the order of writing. */
  of(conversation) {
    return this.#sorted().filter(entry => entry.conversation === conversation);
  }

  get conversations() {
    return new Set(this.#sorted().map(entry => entry.conversation));
  }

  /** The next message for this tab to send. */
  next(conversation) {
    return this.of(conversation).find(entry => !entry.failed && (entry.tab === tabId || entry.lease < Date.now()));
  }

  add(conversation, content, after, replyTo) {
    const newest = Math.max(0, ...[...this.#entries.values()].map(entry => entry.at));
    this.#put({
      id: randomId(), conversation, content, after, replyTo, at: Math.max(Date.now(), newest + 1), tab: tabId, lease: this.#lease(),
    });
  }

  claim(entry) {
    this.#put({ ...entry, tab: tabId, lease: this.#lease() });
  }

  /** Without messages that were removed while they were in flight. */
  fail(entry, sentence) {
    if (this.#entries.has(entry.id)) {
      this.#put({ ...entry, failed: sentence });
    }
  }

  retry(entry) {
    const { failed, ...fresh } = entry;
    this.claim(fresh);
  }

  remove(entry) {
    this.#entries.delete(entry.id);
    storage.remove(this.#start + entry.id);
    this.emit("change");
  }

  clear() {
    this.#sorted().forEach(entry => this.remove(entry));
  }

  /** This tab can no longer send. */
  release = () => {
    for (const entry of this.#entries.values()) {
      if (entry.tab === tabId) {
        this.#update({ ...entry, lease: 0 });
      }
    }
  };

  #put(entry) {
    this.#entries.set(entry.id, entry);
    storage.write(this.#start + entry.id, entry);
    this.emit("change");
  }

  #load() {
    const entries = storage.keys(this.#start).map(id => storage.read(this.#start + id)).filter(entry => entry !== null);
    this.#entries = new Map(entries.map(entry => [entry.id, entry]));
  }

  #sorted() {
    return [...this.#entries.values()].sort((a, b) => a.at - b.at);
  }

  #lease() {
    return this.#canSend() ? Date.now() + leaseMs : 0;
  }

  #renew() {
    for (const entry of this.#entries.values()) {
      if (entry.tab === tabId && !entry.failed) {
        entry.lease = this.#lease();
        this.#update(entry);
      }
    }
    if (this.#sorted().some(entry => entry.tab !== tabId && entry.lease < Date.now())) {
      this.emit("change");
    }
  }

  /** Only if it is still stored: another tab may have sent it. */
  #update(entry) {
    if (storage.read(this.#start + entry.id)) {
      storage.write(this.#start + entry.id, entry);
    }
  }
}
