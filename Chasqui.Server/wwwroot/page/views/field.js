import { h } from "../base/dom.js";

/** A labelled input with an optional hint. */
export function field(label, attributes, hint) {
  const id = `field-${attributes.name}`;
  return h("div", { class: "field" },
    h("label", { for: id }, label),
    h("input", { id, required: true, autocapitalize: "none", spellcheck: "false", "aria-describedby": hint ? `${id}-hint` : null, ...attributes }),
    hint && h("p", { id: `${id}-hint`, class: "hint" }, hint));
}
