/** Page sizes: for the open conversation, and for filling a gap. */
export const pageSize = 50;
export const largestPage = 200;

export const messagesOf = id => `conversations/${encodeURIComponent(id)}/messages`;
