import { h } from "../base/dom.js";
import { dayKey, dayName } from "../base/times.js";
import { messageItem, pendingItem } from "./message.js";

/** Messages of one sender within this time form a group. */
const togetherMs = 5 * 60_000;

/** The rows of a conversation: days, the line above new messages, messages, and messages that are not stored yet. */
export function rowsOf({ messages, pending, chat, isGroup, unreadAfter, retry, discard }) {
  const rows = [];
  let previous = null;
  let isMarked = false;
  for (const message of messages) {
    const day = dayKey(message.created_at);
    if (!previous || dayKey(previous.created_at) !== day) {
      const name = dayName(message.created_at);
      rows.push({ key: `day-${day}`, version: name, build: () => h("li", { class: "day" }, h("span", {}, name)) });
      previous = null;
    }
    const isMine = message.sender_id === chat.me.id;
    if (!isMine && message.seq > unreadAfter && !isMarked) {
      isMarked = true;
      rows.push({ key: "unread", version: "", build: () => h("li", { class: "unread-line" }, h("span", {}, "New messages")) });
      previous = null;
    }
    const name = chat.people.name(message.sender_id);
    const isFirst = previous?.sender_id !== message.sender_id || Date.parse(message.created_at) - Date.parse(previous.created_at) > togetherMs;
    rows.push({
      key: message.id, version: `${isFirst}${name}`, keep: ".text, .more",
      build: () => messageItem({ message, name, isMine, isFirst, isNamed: isGroup }),
    });
    previous = message;
  }
  for (const entry of pending) {
    const isFirst = previous?.sender_id !== chat.me.id;
    rows.push({
      key: entry.id, version: `${isFirst}${entry.failed ?? ""}`, keep: ".text, .more",
      build: () => pendingItem({ entry, isFirst, retry: () => retry(entry), discard: () => discard(entry) }),
    });
    previous = { sender_id: chat.me.id };
  }
  return rows;
}
