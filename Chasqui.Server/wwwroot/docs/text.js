import { h } from "../page/base/dom.js";

/** One line of text; text between backticks becomes code. */
export const line = text => (text ?? "").split("`").map((part, i) => i % 2 ? h("code", {}, part) : part);

/** Paragraphs, separated by empty lines. */
export const prose = text => text.split(/\n\s*\n/).map(paragraph => h("p", {}, line(paragraph.replaceAll("\n", " "))));

/** JSON with a line for each field. */
export const json = value => h("pre", { tabindex: 0 }, h("code", {}, JSON.stringify(value, null, 2)));

/** Rows of cells; the first cell of a row is its heading. */
export const table = (headings, rows) => h("div", { class: "scroll" }, h("table", {},
  h("thead", {}, h("tr", {}, headings.map(heading => h("th", { scope: "col" }, heading)))),
  h("tbody", {}, rows.map(({ id, cells: [first, ...others] }) =>
    h("tr", { id }, h("th", { scope: "row" }, first), others.map(cell => h("td", {}, cell)))))));
