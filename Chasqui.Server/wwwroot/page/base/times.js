import { locale } from "./preferences.js";

/** Times in the reader's time zone and language. */
const language = locale();
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(language, { weekday: "long" });
const shortWeekday = new Intl.DateTimeFormat(language, { weekday: "short" });
const day = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
const dayAndYear = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
const date = new Intl.DateTimeFormat(language, { dateStyle: "short" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

const midnight = time => new Date(time.getFullYear(), time.getMonth(), time.getDate());

/** Calendar days from then to now; a day with a clock change counts as one. */
const daysAgo = time => Math.round((midnight(new Date()) - midnight(time)) / 86_400_000);

const capital = text => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);

export const dayKey = text => midnight(new Date(text)).getTime();

export const clockTime = text => clock.format(new Date(text));

/** "" for a time that is not known. */
export const fullTime = text => text && full.format(new Date(text));

export function dayName(text) {
  const time = new Date(text);
  const ago = daysAgo(time);
  return ago === 0 || ago === 1 ? capital(relative.format(-ago, "day"))
    : ago < 7 ? weekday.format(time)
    : time.getFullYear() === new Date().getFullYear() ? day.format(time)
    : dayAndYear.format(time);
}

/** For a list: the time today, the day this week, the date before that; "" for a time that is not known. */
export function shortTime(text) {
  if (!text) {
    return "";
  }
  const time = new Date(text);
  const ago = daysAgo(time);
  return ago <= 0 ? clock.format(time) : ago < 7 ? shortWeekday.format(time) : date.format(time);
}

/** The time until then, in whole seconds. */
export const secondsUntil = time => Math.max(0, Math.ceil((time - Date.now()) / 1000));
