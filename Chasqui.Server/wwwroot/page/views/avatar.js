import { h, icon, name } from "../base/dom.js";

const hues = 8;
const segments = new Intl.Segmenter();

const hash = text => [...text].reduce((sum, letter) => Math.imul(sum ^ letter.codePointAt(0), 16777619) >>> 0, 2166136261) >>> 8;

/** The first letter of a name, in a colour computed from the id. */
export function avatar(who, id) {
  const letter = segments.segment(who)[Symbol.iterator]().next().value?.segment ?? "";
  return h("span", { class: `avatar hue-${hash(id) % hues}`, "aria-hidden": "true" }, letter.toLocaleUpperCase());
}

/** The username next to another name, since only it is unique. */
export const usernameOf = user => Boolean(user.display_name) && h("span", { class: "username" }, name(user.username));

export const groupAvatar = id => h("span", { class: `avatar group hue-${hash(id) % hues}`, "aria-hidden": "true" }, icon("people"));
