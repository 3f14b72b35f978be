import { h, hidden, icon, name as bidi } from "../base/dom.js";
import { markup, plainText } from "../base/markup.js";
import { clockTime, fullTime } from "../base/times.js";
import { avatar } from "./avatar.js";

/** Longer messages are shown in part, with a button for the rest. */
const longCharacters = 1_500;
const longLines = 18;

const longestQuote = 120;

const onlyEmoji = /^(?:\p{Extended_Pictographic}\p{Emoji_Modifier}?\uFE0F?(?:\u200D\p{Extended_Pictographic}\uFE0F?)*\s*){1,3}$/u;

/**
 * A stored message. Its elements stay while it changes: their listeners use its id, and what the elements say.
 * @param isFirst the first of several from one sender @param isNamed with the name of the sender @param seen the names of those who
 * have read it @param actions { nameOf, isMe, quoted, jump, toggle, openMenu }
 */
export function messageItem({ message, name, isMine, isMention, isFirst, isNamed, seen, actions }) {
  const classes = ["message", isMine && "mine", isFirst && "first", isMention && "mentioned"].filter(Boolean);
  return h("li", { class: classes.join(" "), "data-seq": message.seq },
    !isMine && isFirst && avatar(name, message.sender_id),
    h("div", { class: "bubble" },
      isFirst && isNamed && !isMine ? h("span", { class: "sender" }, h("bdi", {}, name)) : hidden(`${isMine ? "You" : name}: `),
      message.reply_to && quote(message, actions),
      message.deleted_at ? h("p", { class: "text deleted" }, "This message was deleted") : text(message.content),
      h("span", { class: "meta" },
        message.edited_at && h("span", { title: `Edited ${fullTime(message.edited_at)}` }, "edited"),
        h("time", { datetime: message.created_at, title: fullTime(message.created_at) }, clockTime(message.created_at)),
        isMine && !message.deleted_at && mark(seen))),
    message.reactions && h("ul", { class: "reactions", role: "list", "aria-label": "Reactions" },
      message.reactions.map(reaction => chip(message, reaction, actions))),
    !message.deleted_at && h("button", {
      type: "button", class: "icon-button menu-button", "aria-haspopup": "menu", "aria-label": `Actions for the message of ${isMine ? "you" : name}`,
      title: "Actions", onclick: event => actions.openMenu(message.id, event.currentTarget),
    }, icon("more")));
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

/** One line of a message, for a quotation or a title. */
export const excerpt = message => message.deleted_at ? "This message was deleted" : plainText(message.content.slice(0, 400)).slice(0, longestQuote);

/** What a message answers. */
function quote({ reply_to: answered }, { nameOf, quoted, jump }) {
  const message = quoted(answered);
  return h("button", { type: "button", class: "quote", onclick: () => jump(answered.seq) },
    hidden("In reply to "),
    h("span", { class: "quote-sender" }, message ? bidi(nameOf(message.sender_id)) : "An earlier message"),
    h("span", { class: "quote-text", dir: "auto" }, message ? excerpt(message) : "…"));
}

function chip(message, { emoji, count, user_ids: users }, { nameOf, isMe, toggle }) {
  const isOwn = users.some(isMe);
  const names = users.map(nameOf).join(", ") + (count > users.length ? ` and ${count - users.length} more` : "");
  return h("li", {}, h("button", {
    type: "button", class: "reaction", "aria-pressed": String(isOwn), "data-emoji": emoji, title: names,
    onclick: ({ currentTarget: { dataset, ariaPressed } }) => toggle(message.id, dataset.emoji, ariaPressed !== "true"),
  }, h("span", {}, emoji), h("span", {}, String(count)), hidden(` from ${names}`)));
}

/** One tick: stored. Two: read. */
const mark = seen => h("span", { class: seen.length ? "mark seen" : "mark", title: seen.length ? `Seen by ${seen.join(", ")}` : "Sent" },
  icon(seen.length ? "seen" : "check"), hidden(seen.length ? `Seen by ${seen.join(", ")}` : "Sent"));

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
