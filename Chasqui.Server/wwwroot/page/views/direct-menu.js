import { h, morph } from "../base/dom.js";
import { navigation } from "../base/navigation.js";
import { openDialog } from "./dialog.js";

/** What can be done about a direct chat: block the other user, hide the chat. */
export async function openDirectMenu(chat, id) {
  const conversation = chat.conversations.get(id);
  const other = chat.other(conversation);
  const error = h("p", { class: "form-error", role: "alert" });
  const actions = h("div", { class: "menu" });
  const dialog = openDialog(chat.title(conversation), h("div", { class: "dialog-body" }, actions, error));

  /** null until the server has answered. */
  let isBlocked = null;

  const action = (label, hint, onclick, disabled = false) =>
    h("div", { class: "menu-entry" },
      h("button", { type: "button", class: "button", disabled, onclick }, label), h("p", { class: "hint" }, hint));

  /** Buttons that are there stay, with the focus. */
  function draw() {
    morph(actions, h("div", { class: "menu" }, ...[
      other && action(isBlocked ? "Unblock" : "Block",
        isBlocked ? "Messages from this user are refused." : "Refuses messages from this user here. They are not told.",
        block, isBlocked === null),
      action("Hide", "Takes the chat out of your list until a new message arrives.", () => {
        dialog.close();
        chat.hide(id);
        navigation.openList();
      }),
    ].filter(Boolean)));
  }

  async function attempt(call) {
    try {
      error.textContent = "";
      return await call();
    } catch (refusal) {
      error.textContent = `${refusal.message}.`;
    }
  }

  const block = () => attempt(async () => {
    const path = `blocks/${encodeURIComponent(other.id)}`;
    await (isBlocked ? chat.api.delete(path) : chat.api.put(path));
    isBlocked = !isBlocked;
    draw();
  });

  draw();
  isBlocked = (await attempt(() => chat.api.get("blocks")))?.some(user => user.id === other?.id) ?? false;
  draw();
}
