import * as storage from "./storage.js";

/** How this browser shows the page: { theme: "light" or "dark", locale }, each absent for the browser's own. */
const key = "preferences";

export const preferences = () => storage.read(key) ?? {};

export function prefer(change) {
  storage.write(key, { ...preferences(), ...change });
  applyTheme();
}

/** What is written for one colour scheme is switched on or off; without a choice the browser decides. */
export function applyTheme() {
  const { theme } = preferences();
  document.documentElement.style.colorScheme = theme ?? "";
  for (const element of document.querySelectorAll("[data-scheme]")) {
    const { scheme } = element.dataset;
    element.media = !theme ? `(prefers-color-scheme: ${scheme})` : scheme === theme ? "all" : "not all";
  }
}

/** The language of dates; undefined for the browser's own, and for one that it does not know. */
export function locale() {
  try {
    return Intl.getCanonicalLocales(preferences().locale ?? [])[0];
  } catch {
    return undefined;
  }
}
