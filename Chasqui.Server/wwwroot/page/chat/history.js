/** Messages that are read at once where somebody looks at them, and where only what is between is wanted. */
export const pageSize = 50;
export const largestPage = 200;

export const messagesOf = id => `conversations/${encodeURIComponent(id)}/messages`;
