import { h } from "../base/dom.js";

/** What people react with most; other emojis can be typed by clients that have a picker, and are shown all the same. */
const emojis = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀", "✅", "🚀", "👎", "🔥"];

/**
 * The menu of a message, next to the button that opened it. Arrow keys, Home and End move in it; Escape and a click elsewhere close it.
 * @param entries { label, run }
 */
export function openMessageMenu(anchor, react, entries) {
  const item = (attributes, label, run) => h("button", {
    type: "button", role: "menuitem", tabindex: "-1", ...attributes, onclick: () => { close(); run(); },
  }, label);
  const menu = h("div", { class: "message-menu", popover: "auto", role: "menu", "aria-label": "Message", onkeydown: move },
    react && h("div", { class: "emoji-row", role: "group", "aria-label": "React" },
      emojis.map(emoji => item({ class: "emoji-button", "aria-label": `React with ${emoji}` }, emoji, () => react(emoji)))),
    entries.map(({ label, run }) => item({ class: "menu-item" }, label, run)));
  // On top of everything, and yet a part of the conversation.
  anchor.closest("section").append(menu);
  const items = [...menu.querySelectorAll("button")];
  menu.addEventListener("toggle", event => event.newState === "closed" && menu.remove());
  menu.showPopover();
  place();
  items[0].focus();

  function close() {
    anchor.focus({ preventScroll: true });
    menu.hidePopover();
  }

  function move(event) {
    const at = items.indexOf(document.activeElement);
    const forward = event.key === "ArrowDown" || event.key === "ArrowRight";
    const to = forward ? at + 1 : event.key === "ArrowUp" || event.key === "ArrowLeft" ? at - 1
      : { Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items.at(to % items.length).focus();
    } else if (event.key === "Tab") {
      event.preventDefault();
      close();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  }

  /** Below the button, or above it where there is no room. */
  function place() {
    const { left, right, top, bottom } = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const x = left + width < innerWidth - 8 ? left : right - width;
    const y = bottom + height < innerHeight - 8 ? bottom + 4 : Math.max(8, top - height - 4);
    menu.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
    menu.style.top = `${y}px`;
  }
}
