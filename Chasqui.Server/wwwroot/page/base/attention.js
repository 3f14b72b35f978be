/** Whether the user looks at this page: a window next to the one in use is visible without focus. */
export const isLooking = () => !document.hidden && document.hasFocus();

/** Calls back when the user may have begun or ceased to look at it. */
export function onLooking(listener) {
  const stopping = new AbortController();
  const options = { signal: stopping.signal };
  addEventListener("focus", listener, options);
  addEventListener("blur", listener, options);
  document.addEventListener("visibilitychange", listener, options);
  return () => stopping.abort();
}

let badge = null;

/** The number at the icon of an installed app; none for 0. */
export function showAppBadge(count) {
  if (count !== badge) {
    badge = count;
    // Refused where the page is not installed.
    navigator.setAppBadge?.(count).catch(() => {});
  }
}
