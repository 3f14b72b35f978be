import { showAppBadge } from "../base/attention.js";
import { h, hidden, icon, iconButton, logo, name } from "../base/dom.js";
import { later } from "../base/later.js";
import { plainText } from "../base/markup.js";
import { navigation } from "../base/navigation.js";
import { Notifier } from "../chat/notifier.js";
import { AccountView } from "./account.js";
import { Announcer } from "./announcer.js";
import { avatar } from "./avatar.js";
import { ConnectionBanner } from "./banner.js";
import { ConversationList } from "./list.js";
import { forgetDrafts, takeDraft } from "./composer.js";
import { ConversationView } from "./conversation.js";
import { confirm } from "./dialog.js";
import { openNewConversation } from "./new-conversation.js";
import { notificationsButton } from "./notifications.js";
import { openRemoved } from "./removed.js";
import { TasksView } from "./tasks.js";
import { Welcome } from "./welcome.js";

/** The page after login: the list on one side, the open view on the other; on a phone one at a time. */
export class Shell {
  #chat;
  #view;
  #route;
  #stops;
  #list;
  #banner;
  #announcer = new Announcer();
  #notifier;
  #titleLater = later(() => this.#isClosed || this.#drawTitle());
  #isClosed = false;
  #pane = h("div", { class: "pane", tabindex: "-1" });
  #me = h("span", { class: "me-who" });

  constructor(chat) {
    this.#chat = chat;
    this.#list = new ConversationList(chat);
    this.#banner = new ConnectionBanner(chat.connection);
    this.#notifier = new Notifier(chat);
    this.#stops = [
      chat.on("conversations", this.#titleLater),
      chat.on("arrived", message => this.#arrived(message)),
      chat.on("added", conversation => this.#announcer.say(`You were added to ${chat.title(conversation)}`)),
      chat.on("caught-up", ({ id, count }) => id === this.#openId && this.#announcer.say(count === 1 ? "1 new message" : `${count} new messages`)),
      chat.on("removed", gone => this.#removed(gone)),
      chat.people.on("change", () => this.#drawMe()),
    ];
    this.#drawMe();
    this.element = h("div", { class: "shell" },
      h("button", { type: "button", class: "skip", onclick: () => this.#pane.focus() }, "Skip to the conversation"),
      this.#banner.element,
      h("main", { class: "panes" },
        h("div", { class: "sidebar" }, this.#head(), this.#list.element, this.#foot()),
        this.#pane),
      this.#announcer.element);
    navigation.onRoute = () => this.#go();
  }

  close() {
    this.#isClosed = true;
    navigation.onRoute = () => {};
    this.#stops.forEach(stop => stop());
    this.#view?.close();
    this.#list.close();
    this.#banner.close();
    this.#notifier.close();
    showAppBadge(0);
    this.#chat.close();
    document.querySelectorAll("dialog").forEach(dialog => dialog.close());
  }

  focus() {
    this.#go();
  }

  get #openId() {
    return this.#route?.startsWith("c/") ? `conv:${this.#route.split("/")[1]}` : null;
  }

  /** The message of a link to one. */
  get #openSeq() {
    return Number(this.#route?.split("/")[2]) || null;
  }

  #head() {
    return h("header", { class: "sidebar-head" },
      logo(), h("h1", {}, "Chasqui"),
      h("button", { type: "button", class: "button primary", onclick: () => openNewConversation(this.#chat) }, icon("plus"), "New chat"));
  }

  #foot() {
    return h("footer", { class: "sidebar-foot" },
      h("a", { class: "me", href: "#account", "data-route": "account", title: "Account" },
        this.#me),
      h("a", { class: "foot-link", href: "#tasks", "data-route": "tasks" }, icon("tasks"), "Tasks"),
      h("a", { class: "icon-button", href: new URL("../../docs", import.meta.url).href, target: "_blank", rel: "noreferrer", "aria-label": "API documentation, in a new tab", title: "API documentation" }, icon("book")),
      notificationsButton(this.#chat),
      iconButton("leave", "Log out", { onclick: () => this.#logOut() }));
  }

  #drawMe() {
    const who = this.#chat.people.name(this.#chat.me.id);
    this.#me.replaceChildren(
      avatar(who, this.#chat.me.id), h("span", { class: "me-name" }, hidden("Logged in as "), name(who)));
  }

  #go() {
    const { route } = navigation;
    if (this.#route === route) {
      return;
    }
    const before = this.#openId;
    this.#route = route;
    this.#view?.close();
    this.#view = this.#openId ? new ConversationView(this.#chat, this.#openId, this.#openSeq)
      : route === "tasks" ? new TasksView(this.#chat)
      : route === "account" ? new AccountView(this.#chat)
      : new Welcome(this.#chat);
    this.element.dataset.pane = route ? "main" : "list";
    this.element.querySelectorAll("[data-route]").forEach(link =>
      link.dataset.route === route ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current"));
    this.#pane.replaceChildren(this.#view.element);
    this.#chat.open(this.#openId);
    this.#list.select(this.#openId);
    this.#view.focus();
    if (!route && before) {
      this.#list.focus(before);
    }
    this.#drawTitle();
  }

  #drawTitle() {
    const unread = this.#chat.list.reduce((sum, conversation) => sum + this.#chat.attention(conversation), 0);
    showAppBadge(unread);
    const title = this.#view?.title;
    document.title = `${unread ? `(${unread}) ` : ""}${title ? `${title} – ` : ""}Chasqui`;
  }

  #arrived(message) {
    const who = this.#chat.people.name(message.sender_id);
    const conversation = this.#chat.conversations.get(message.conversation_id);
    this.#announcer.say(message.conversation_id === this.#openId
      ? `${who}: ${plainText(message.content).slice(0, 300)}`
      : `New message from ${who}${conversation?.name ? ` in ${conversation.name}` : ""}`);
  }

  #removed({ id, title, unsent, isOwn }) {
    const wasOpen = id === this.#openId;
    const written = [...unsent, takeDraft(this.#chat.me.id, id)].filter(text => text);
    if (wasOpen) {
      navigation.openList();
    }
    if (written.length > 0 || (wasOpen && !isOwn)) {
      // The dialog gives the focus back to what was focused before it, which may be gone.
      openRemoved(title, written).addEventListener(
        "close", () => document.activeElement === document.body && this.#list.focus(id));
    }
  }

  async #logOut() {
    const waiting = this.#chat.outbox.count;
    if (waiting && !await confirm({
      title: "Log out?",
      text: waiting === 1 ? "One message has not been sent yet. It will be lost." : `${waiting} messages have not been sent yet. They will be lost.`,
      action: "Log out",
    })) {
      return;
    }
    this.#chat.outbox.clear();
    forgetDrafts(this.#chat.me.id);
    // The user is logged out here even if the server cannot be reached.
    await this.#chat.api.post("logout").catch(() => {});
    navigation.openList();
    this.#chat.emit("log-out");
  }
}
