import { h, hidden, icon } from "../base/dom.js";
import { markup } from "../base/markup.js";
import { clockTime, fullTime } from "../base/times.js";
import { avatar } from "./avatar.js";

/** Longer messages are shown in part, with a button for the rest. */
const longCharacters = 1_500;
const longLines = 18;

const onlyEmoji = /^(?:\p{Extended_Pictographic}\p{Emoji_Modifier}?\uFE0F?(?:\u200D\p{Extended_Pictographic}\uFE0F?)*\s*){1,3}$/u;

/** A stored message. `isFirst`: the first of several from one sender; `isNamed`: with the name of the sender. */
export function messageItem({ message, name, isMine, isFirst, isNamed }) {
  return h("li", { class: `message${isMine ? " mine" : ""}${isFirst ? " first" : ""}`, "data-seq": message.seq },
    !isMine && isFirst && avatar(name, message.sender_id),
    h("div", { class: "bubble" },
      isFirst && isNamed && !isMine ? h("span", { class: "sender" }, h("bdi", {}, name)) : hidden(`${isMine ? "You" : name}: `),
      text(message.content),
      h("span", { class: "meta" },
        h("time", { datetime: message.created_at, title: fullTime(message.created_at) }, clockTime(message.created_at)),
        isMine && h("span", { class: "mark" }, icon("check"), hidden("Sent")))));
}

/** A message that is not acknowledged yet, or was refused. */
export function pendingItem({ entry, isFirst, retry, discard }) {
  return h("li", { class: `message mine pending${entry.failed ? " failed" : ""}${isFirst ? " first" : ""}`, "data-pending": entry.id },
    h("div", { class: "bubble" },
      hidden("You: "),
      text(entry.content),
      h("span", { class: "meta" }, entry.failed ? "Not sent" : clockTime(entry.at),
        h("span", { class: "mark" }, icon(entry.failed ? "alert" : "clock"), hidden(entry.failed ? "" : "Sending")))),
    entry.failed && h("div", { class: "failure" },
      h("span", { role: "alert" }, `${entry.failed.replace(/\.$/, "")}.`),
      h("button", { type: "button", class: "link", onclick: retry }, "Try again"),
      h("button", { type: "button", class: "link", onclick: discard }, "Discard")));
}

function text(content) {
  const words = h("div", { class: onlyEmoji.test(content) ? "text emoji" : "text", dir: "auto" }, ...markup(content).flat());
  if (content.length <= longCharacters && content.split("\n", longLines + 1).length <= longLines) {
    return words;
  }
  const more = h("button", { type: "button", class: "link more", "aria-expanded": "false" }, "Show all");
  more.addEventListener("click", () => {
    const isOpen = words.classList.toggle("long") === false;
    more.setAttribute("aria-expanded", String(isOpen));
    more.textContent = isOpen ? "Show less" : "Show all";
  });
  words.classList.add("long");
  return h("div", {}, words, more);
}
