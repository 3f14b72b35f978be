import { h, iconButton } from "../base/dom.js";
import { permission } from "../chat/notification-settings.js";
import { openDialog } from "./dialog.js";

const choices = { all: "All messages", mentions: "Only messages that mention you", none: "Nothing" };

const notes = {
  denied: "Notifications of this page are blocked. Allow them in the settings of the browser.",
  missing: "This browser shows notifications only for pages with HTTPS.",
};

/** Opens the settings; `id` is the conversation whose setting is shown too. */
export const notificationsButton = (chat, id = null) =>
  iconButton("bell", "Notifications", { "aria-haspopup": "dialog", onclick: () => openNotifications(chat, id) });

function openNotifications(chat, id) {
  const settings = chat.notifications;
  const note = h("p", { class: "muted", role: "status" });
  const desktop = h("input", { type: "checkbox", id: "notify-desktop", onchange: () => change() });
  const sound = h("input", { type: "checkbox", id: "notify-sound", onchange: () => { settings.sound = sound.checked; } });

  function draw() {
    const state = permission();
    desktop.checked = settings.desktop;
    desktop.disabled = state in notes;
    sound.checked = settings.sound;
    sound.disabled = !settings.desktop;
    note.textContent = notes[state] ?? "";
    note.hidden = !note.textContent;
  }

  async function change() {
    await settings.setDesktop(desktop.checked);
    draw();
  }

  const choice = value => h("label", { class: "check" },
    h("input", {
      type: "radio", name: "notify-conversation", value, checked: settings.of(id) === value, onchange: () => settings.set(id, value),
    }), choices[value]);

  draw();
  const conversation = id && chat.conversations.get(id);
  const dialog = openDialog("Notifications",
    h("div", { class: "dialog-body" },
      h("label", { class: "check", for: "notify-desktop" }, desktop, "Desktop notifications"),
      h("label", { class: "check", for: "notify-sound" }, sound, "With a sound"),
      note,
      conversation && h("fieldset", { class: "choices" },
        h("legend", { dir: "auto" }, `From ${chat.title(conversation)}`), ...Object.keys(choices).map(choice))),
    h("footer", { class: "dialog-foot" },
      h("button", { type: "button", class: "button primary", onclick: () => dialog.close() }, "Done")));
}
