import { h, name } from "../base/dom.js";
import { openDialog } from "./dialog.js";

/** Tells the user that they were removed, and shows what they had written and not sent. Returns the dialog. */
export function openRemoved(title, written) {
  const kept = written.length > 0 && h("div", { class: "field" },
    h("label", { for: "unsent" }, "Unsent messages"),
    h("textarea", { id: "unsent", dir: "auto", rows: 5, readonly: true }, written.join("\n\n")));
  const dialog = openDialog(title ? ["You are no longer in “", name(title), "”"] : "You are no longer in this conversation",
    h("div", { class: "dialog-body" },
      h("p", {}, "You can read and write there again after its owner adds you."),
      kept),
    h("footer", { class: "dialog-foot" },
      h("button", { type: "button", class: "button primary", autofocus: true, onclick: () => dialog.close() }, "OK")));
  return dialog;
}
