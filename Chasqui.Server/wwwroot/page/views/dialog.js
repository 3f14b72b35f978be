import { h, iconButton } from "../base/dom.js";
import { navigation } from "../base/navigation.js";

let lastId = 0;

/**
 * A modal dialog: the browser keeps the focus inside, closes it on Escape and on back, and restores the focus.
 * @param title text, or a list of texts and names
 */
export function openDialog(title, ...content) {
  const id = `dialog-${++lastId}`;
  const dialog = h("dialog", { class: "dialog", tabindex: "-1", "aria-labelledby": id },
    h("header", { class: "dialog-head" },
      h("h2", { id }, title),
      iconButton("close", "Close", { onclick: () => dialog.close() })),
    ...content);
  // A click outside hits the dialog itself; its content covers the inside.
  dialog.addEventListener("pointerdown", event => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  const closed = navigation.addDialog(() => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed();
  });
  return dialog;
}

/** Asks for confirmation; resolves to the answer. */
export function confirm({ title, text, action }) {
  return new Promise(resolve => {
    let answer = false;
    const dialog = openDialog(title,
      h("div", { class: "dialog-body" }, h("p", {}, text)),
      h("footer", { class: "dialog-foot" },
        h("button", { type: "button", class: "button", autofocus: true, onclick: () => dialog.close() }, "Cancel"),
        h("button", { type: "button", class: "button danger", onclick: () => { answer = true; dialog.close(); } }, action)));
    dialog.addEventListener("close", () => resolve(answer));
  });
}
