const svgNamespace = "http://www.w3.org/2000/svg";

/** Builds an element. Strings always become text; nothing here parses HTML. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (value !== false && value != null) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter(child => child != null && child !== false));
  return element;
}

const icons = {
  plus: "M12 5v14M5 12h14",
  send: "M12 19V5M5.5 11.5 12 5l6.5 6.5",
  back: "M15 5l-7 7 7 7",
  down: "M12 5v14M5.5 12.5 12 19l6.5-6.5",
  close: "M6 6l12 12M18 6 6 18",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.5a3.3 3.3 0 0 1 0 6.3M18 14.6c2.1.8 3.5 2.7 3.5 5.4",
  tasks: "M4 6.5l1.5 1.5L8.500 5M4 13l1.500 1.500L8.500 11.500M12.500 7H20M12.500 13.500H20M4 19.500h4M12.500 20H20",
  leave: "M10 4H5.500v16H10M15 8l4 4-4 4M19 12H9.500",
  clock: "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
  check: "M5 12.500l4.500 4.500L19 7.500",
  alert: "M12 8v5M12 16.500v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM20 20l-4.800-4.800",
  book: "M5 4.500h10a4 4 0 0 1 4 4V20H9a4 4 0 0 1-4-4V4.500ZM5 16a4 4 0 0 1 4-4h10",
  bell: "M6 16.500v-5.500a6 6 0 0 1 12 0v5.500l1.500 1.500H4.500ZM10 20.500a2.200 2.200 0 0 0 4 0",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  seen: "M2 12.500l4.500 4.500L15 8.500M11 16l1.500 1.500L22 8.500",
  chat: "M4 5.500h16v11H10l-4.500 4v-4H4v-11Z",
};

/** A drawing next to words; without words its parent needs a label. */
export function icon(name) {
  const svg = document.createElementNS(svgNamespace, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svgNamespace, "path");
  path.setAttribute("d", icons[name]);
  svg.append(path);
  return svg;
}

export const hidden = text => h("span", { class: "visually-hidden" }, text);

export const logo = () => h("img", { class: "logo", src: new URL("../icon.svg", import.meta.url).href, alt: "", width: 36, height: 36 });

export const spinner = label => h("span", { class: "spinner", role: "status" }, hidden(label));

/** A button with only a drawing. */
export const iconButton = (name, label, attributes = {}) =>
  h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, ...attributes }, icon(name));

/** A name within other text: its direction does not change that of the text, nor the place where it stands. */
export const name = text => h("bdi", {}, text);

/**
 * Makes `rows` ({ key, version, build, keep }) the children of a list, in order. A child whose version differs is changed in
 * place: focus, selection and the position of a screen reader stay. `keep` is a selector of elements that stay as they are.
 */
export function reconcile(list, rows) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const at = focused ? [...list.children].findIndex(child => child.contains(focused)) : -1;
  const keys = new Set(rows.map(row => row.key));
  const existing = new Map();
  for (const child of [...list.children]) {
    if (keys.has(child.rowKey)) {
      existing.set(child.rowKey, child);
    } else {
      child.remove();
    }
  }
  let place = list.firstElementChild;
  for (const row of rows) {
    let child = existing.get(row.key);
    if (!child) {
      child = row.build();
    } else if (child.rowVersion !== row.version) {
      morph(child, row.build(), row.keep);
    }
    child.rowKey = row.key;
    child.rowVersion = row.version;
    if (child === place) {
      place = place.nextElementSibling;
    } else if (existing.has(row.key) && list.moveBefore) {
      list.moveBefore(child, place);
    } else {
      list.insertBefore(child, place);
    }
  }
  if (focused && document.activeElement !== focused) {
    const next = list.children[Math.min(at, list.children.length - 1)];
    const target = focused.isConnected ? focused : next?.querySelector("a, button, input") ?? list.closest("[tabindex]");
    target?.focus({ preventScroll: true });
  }
}

/** Changes an element into a fresh one, and keeps those parts of it that are alike. */
export function morph(old, fresh, keep = null) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) {
      old.data = fresh.data;
    }
    return;
  }
  if (keep && old.matches(keep)) {
    return;
  }
  [...old.attributes].filter(({ name }) => !fresh.hasAttribute(name)).forEach(({ name }) => old.removeAttribute(name));
  [...fresh.attributes].filter(({ name, value }) => old.getAttribute(name) !== value)
    .forEach(({ name, value }) => old.setAttribute(name, value));
  if (old.type === "checkbox") {
    old.checked = fresh.checked;
  }
  let place = old.firstChild;
  for (const part of [...fresh.childNodes]) {
    let match = place;
    while (match && !areAlike(match, part)) {
      match = match.nextSibling;
    }
    if (match) {
      while (place !== match) {
        place = place.nextSibling;
        place.previousSibling.remove();
      }
      morph(match, part, keep);
      place = match.nextSibling;
    } else {
      old.insertBefore(part, place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

const kindOf = node => node.nodeName + (node.getAttribute?.("class") ?? "").split(" ")[0];

const areAlike = (one, other) => kindOf(one) === kindOf(other);
