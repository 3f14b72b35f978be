import * as storage from "../base/storage.js";

/** What one user is notified of in this browser. A conversation: "all" messages, "mentions" of the user, or "none". */
export class NotificationSettings {
  #key;

  constructor(userId) {
    this.#key = `notify.${userId}`;
  }

  /** Whether there are desktop notifications: the user wants them, and the browser has the user's permission. */
  get desktop() {
    return permission() === "granted" && this.#read().desktop === true;
  }

  get sound() {
    return this.#read().sound === true;
  }

  set sound(sound) {
    this.#write({ sound });
  }

  of(conversation) {
    return storage.read(`${this.#key}.${conversation}`) ?? "all";
  }

  set(conversation, choice) {
    storage.write(`${this.#key}.${conversation}`, choice);
  }

  /** Called by a user's click: only then do browsers ask for the permission. Resolves to whether there are notifications now. */
  async setDesktop(desktop) {
    this.#write({ desktop });
    if (desktop && permission() === "default") {
      await Notification.requestPermission();
    }
    return this.desktop;
  }

  #read() {
    return storage.read(this.#key) ?? {};
  }

  #write(change) {
    storage.write(this.#key, { ...this.#read(), ...change });
  }
}

/** "granted", "denied", "default" (not asked yet) or "missing": without HTTPS browsers have no notifications. */
export const permission = () => globalThis.Notification?.permission ?? "missing";
