import { h, iconButton } from "../base/dom.js";

let lastId = 0;

/** A modal dialog: the browser keeps the focus inside, closes it on Escape, and gives the focus back. */
export function openDialog(title, ...content) {
  const id = `dialog-${++lastId}`;
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": id, onclose: () => dialog.remove() },
    h("header", { class: "dialog-head" },
      h("h2", { id, dir: "auto" }, title),
      iconButton("close", "Close", { onclick: () => dialog.close() })),
    ...content);
  // Outside of it: what was pressed is the dialog itself, whose content covers all of it.
  dialog.addEventListener("pointerdown", event => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks; tells whether the answer was yes. */
export function confirm({ title, text, action }) {
  return new Promise(resolve => {
    let answer = false;
    const dialog = openDialog(title,
      h("div", { class: "dialog-body" }, h("p", { dir: "auto" }, text)),
      h("footer", { class: "dialog-foot" },
        h("button", { type: "button", class: "button", autofocus: true, onclick: () => dialog.close() }, "Cancel"),
        h("button", { type: "button", class: "button danger", onclick: () => { answer = true; dialog.close(); } }, action)));
    dialog.addEventListener("close", () => resolve(answer));
  });
}
