/** Lines of a conversation that are no messages. */
const notes = new Set(["MemberAdded", "MemberRemoved", "ConversationRenamed"]);

/** What the log of a conversation is made of (docs/protocol.md, One state on every client). */
const kinds = new Set([...notes, "NewMessage", "MessageEdited", "MessageDeleted", "ReactionAdded", "ReactionRemoved"]);

export const isLogged = event => kinds.has(event.type);

export const isNote = event => notes.has(event.type);

export const changesContent = event => event.type === "MessageEdited" || event.type === "MessageDeleted";

export const seqOf = event => event.message?.seq ?? event.seq;

export const conversationOf = event => event.message?.conversation_id ?? event.conversation_id;

/** A message after an event about it; the same object where the event is older than its state. */
export function changed(message, event) {
  if (event.message_id !== message.id || event.seq <= (message.updated_seq ?? 0)) {
    return message;
  }
  const after = { ...message, updated_seq: event.seq };
  switch (event.type) {
    case "MessageEdited":
      return { ...after, content: event.content, mentions: event.mentions, edited_at: event.edited_at };
    case "MessageDeleted":
      return { ...after, content: "", deleted_at: event.deleted_at, edited_at: undefined, mentions: undefined, reactions: undefined };
    default:
      return { ...after, reactions: reactionsAfter(message.reactions ?? [], event) };
  }
}

function reactionsAfter(reactions, { type, emoji, user_id: user }) {
  const isAdded = type === "ReactionAdded";
  const known = reactions.some(reaction => reaction.emoji === emoji) ? reactions : [...reactions, { emoji, count: 0, user_ids: [] }];
  const after = known.map(reaction => reaction.emoji !== emoji ? reaction : {
    emoji,
    count: reaction.count + (isAdded ? 1 : -1),
    user_ids: isAdded ? [...reaction.user_ids, user] : reaction.user_ids.filter(id => id !== user),
  }).filter(({ count }) => count > 0);
  return after.length > 0 ? after : undefined;
}
