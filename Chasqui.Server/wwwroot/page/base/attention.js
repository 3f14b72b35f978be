/** Whether the user looks at this page: a window next to the one in use is visible without focus. */
export const hasAttention = () => !document.hidden && document.hasFocus();

/** Calls back when the attention may have come or gone, until the signal is aborted. */
export function onAttention(listener, signal) {
  document.addEventListener("visibilitychange", listener, { signal });
  addEventListener("focus", listener, { signal });
  addEventListener("blur", listener, { signal });
}
