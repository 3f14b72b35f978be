import { h } from "../base/dom.js";
import { dayKey, dayName } from "../base/times.js";
import { isNote } from "../chat/events.js";
import { messageItem, pendingItem } from "./message.js";

/** Messages of one sender within this time form a group. */
const togetherMs = 5 * 60_000;

/**
 * The rows of a conversation: days, the line above new messages, messages, what happened to the members, and messages that are not
 * stored yet.
 */
export function rowsOf({ entries, pending, chat, isGroup, unreadAfter, retry, discard, actions }) {
  const rows = [];
  let previous = null;
  let isMarked = false;
  for (const message of entries) {
    const day = dayKey(message.created_at);
    if (!previous || dayKey(previous.created_at) !== day) {
      const name = dayName(message.created_at);
      rows.push({ key: `day-${day}`, version: name, build: () => h("li", { class: "day" }, h("span", {}, name)) });
      previous = null;
    }
    if (isNote(message)) {
      const words = noteText(message, chat);
      rows.push({ key: `note-${message.seq}`, version: words, build: () => h("li", { class: "note", "data-seq": message.seq }, words) });
      // The next message is the first one of its sender again.
      previous = { created_at: message.created_at };
      continue;
    }
    const isMine = message.sender_id === chat.me.id;
    if (!isMine && message.seq > unreadAfter && !isMarked) {
      isMarked = true;
      rows.push({ key: "unread", version: "", build: () => h("li", { class: "unread-line" }, h("span", {}, "New messages")) });
      previous = null;
    }
    const name = chat.people.name(message.sender_id);
    const isFirst = previous?.sender_id !== message.sender_id || Date.parse(message.created_at) - Date.parse(previous.created_at) > togetherMs;
    const seen = isMine ? actions.seenBy(message.seq) : [];
    const answered = message.reply_to && actions.quoted(message.reply_to);
    const named = message.reactions?.flatMap(({ user_ids: users }) => users.map(actions.nameOf));
    rows.push({
      key: message.id,
      version: JSON.stringify([
        isFirst, name, message.updated_seq, seen, named, answered && [answered.updated_seq, actions.nameOf(answered.sender_id)],
      ]),
      keep: message.updated_seq ? null : ".text, .more",
      build: () => messageItem({
        message, name, isMine, isFirst, isNamed: isGroup, seen, actions, isMention: chat.marks.isMention(message),
      }),
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

/** What a line says, as a sentence with the names of who did it to whom. */
function noteText(note, chat) {
  const nameOf = id => id === chat.me.id ? "You" : chat.people.name(id);
  switch (note.type) {
    case "MemberAdded":
      return `${nameOf(note.added_by)} added ${objectOf(note.member.id)}`;
    case "MemberRemoved":
      return note.user_id === note.removed_by ? `${nameOf(note.user_id)} left` : `${nameOf(note.removed_by)} removed ${objectOf(note.user_id)}`;
    default:
      return `${nameOf(note.renamed_by)} renamed the group to “${note.name}”`;
  }

  function objectOf(id) {
    return id === chat.me.id ? "you" : chat.people.name(id);
  }
}
