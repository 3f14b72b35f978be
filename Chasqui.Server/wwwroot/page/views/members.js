import { h, iconButton, name, reconcile, spinner } from "../base/dom.js";
import { later } from "../base/later.js";
import { nameOf } from "../chat/people.js";
import { avatar, usernameOf } from "./avatar.js";
import { confirm, openDialog } from "./dialog.js";
import { field } from "./field.js";
import { PeoplePicker } from "./people-picker.js";

/** The distance from the end of the list at which more members are loaded, in pixels. */
const loadAt = 200;

/** A group: its name and its members. Renaming, adding, removing, leaving. */
export function openMembers(chat, id) {
  const conversation = () => chat.conversations.get(id);
  const list = h("ul", { class: "members", role: "list", "aria-label": "Members", tabindex: "0", onscroll: scrolled });
  const error = h("p", { class: "form-error", role: "alert" });
  const adding = h("div", { class: "adding" });
  const stops = [chat.on("conversations", later(draw)), chat.on("removed", gone => gone.id === id && dialog.close())];
  const renaming = h("form", { class: "renaming", onsubmit: rename },
    field("Name of the group", { name: "group-name", value: conversation().name, maxlength: 400, dir: "auto", autocomplete: "off", oninput: offerName }),
    h("button", { type: "submit", class: "button" }, "Rename"));
  const [nameField, renameButton] = [renaming.querySelector("input"), renaming.querySelector("button")];
  let shownName = conversation().name;

  /** The members that a conversation does not carry, as far as they are loaded. */
  let more = [];
  let known = 0;
  let isLoading = false;
  let count = conversation().member_count;

  /** The pages are in the order of ids: the place in them is the last id. */
  let last = null;
  let isWhole = false;

  function draw() {
    if (!conversation()) {
      return;
    }
    const { name: newName, member_count: newCount } = conversation();
    // In an event the owner comes first.
    const members = conversation().members.toSorted((one, other) => (other.id === chat.me.id) - (one.id === chat.me.id));
    drawName(newName);
    if (count !== newCount) {
      // Members have come or gone: the pages are read again.
      [count, more, last, isWhole] = [newCount, [], null, false];
    }
    const isOwner = members.some(member => member.id === chat.me.id && member.role === "owner");
    const shown = new Set(members.map(member => member.id));
    const all = [...members, ...more.filter(member => !shown.has(member.id))];
    known = all.length;
    reconcile(list, [...all.map(member => ({
      key: member.id,
      version: JSON.stringify([nameOf(member), member.role, isOwner]),
      build: () => row(member, isOwner),
    })), ...hasMore() ? [{ key: "more", version: "", build: () => h("li", { class: "member" }, spinner("Loading members")) }] : []]);
    scrolled();
  }

  function drawName(newName) {
    if (nameField.value === shownName) {
      nameField.value = newName;
    }
    shownName = newName;
    dialog?.querySelector("h2").replaceChildren("People in ", name(newName));
    offerName();
  }

  function offerName() {
    renameButton.disabled = !nameField.value.trim() || nameField.value === shownName;
  }

  async function rename(event) {
    event.preventDefault();
    await attempt(() => chat.groups.rename(id, nameField.value.trim()));
    nameField.value = error.textContent ? nameField.value : shownName;
    draw();
  }

  const hasMore = () => !isWhole && known < conversation().member_count;

  async function scrolled() {
    if (isLoading || !list.isConnected || !conversation() || !hasMore() || list.scrollHeight - list.scrollTop - list.clientHeight > loadAt) {
      return;
    }
    isLoading = true;
    const after = last;
    try {
      const page = await chat.groups.members(id, after);
      if (after === last) {
        chat.people.learn(page);
        more.push(...page);
        last = page.at(-1)?.id ?? last;
        isWhole = page.length === 0;
      }
      error.textContent = "";
    } catch (refusal) {
      error.textContent = `${refusal.message}.`;
      // Scrolling tries it again.
      return;
    } finally {
      isLoading = false;
    }
    if (dialog.open) {
      draw();
    }
  }

  function row(member, isOwner) {
    return h("li", { class: "member" },
      avatar(nameOf(member), member.id),
      h("span", { class: "member-name" }, name(nameOf(member)), usernameOf(member), member.id === chat.me.id && " (you)"),
      member.role === "owner" && h("span", { class: "tag" }, "Owner"),
      isOwner && member.id !== chat.me.id && iconButton("close", `Remove ${nameOf(member)}`, { onclick: () => remove(member) }));
  }

  async function attempt(action) {
    error.textContent = "";
    try {
      await action();
      return true;
    } catch (refusal) {
      error.textContent = `${refusal.message}.`;
      return false;
    }
  }

  async function remove(member) {
    if (await confirm({ title: ["Remove ", name(nameOf(member)), "?"], text: "They will no longer see its messages.", action: "Remove" })) {
      await attempt(() => chat.groups.remove(id, member.id));
    }
  }

  async function leave() {
    if (await confirm({ title: "Leave this group?", text: "You will no longer see its messages, unless its owner adds you again.", action: "Leave" })) {
      await attempt(() => chat.groups.remove(id, chat.me.id));
    }
  }

  /** A new picker each time, without the members added before. */
  function offer() {
    const button = h("button", { type: "button", class: "button primary", disabled: true, onclick: add }, "Add");
    const picker = new PeoplePicker(
      chat.api, () => [...conversation()?.members ?? [], ...more].map(member => member.id),
      chosen => { button.disabled = chosen.length === 0; }, "Add people");
    adding.replaceChildren(picker.element, h("div", { class: "adding-foot" }, button));
    return picker;

    async function add() {
      button.disabled = true;
      if (await attempt(async () => {
        await chat.groups.add(id, picker.chosen.map(user => user.id));
        await chat.refresh();
      })) {
        offer().focus();
      } else {
        button.disabled = false;
        button.focus();
      }
    }
  }

  let dialog;
  draw();
  offer();
  dialog = openDialog(["People in ", name(chat.title(conversation()))],
    h("div", { class: "dialog-body" }, renaming, list, adding, error),
    h("footer", { class: "dialog-foot" }, h("button", { type: "button", class: "button danger-quiet", onclick: leave }, "Leave group"),
      h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Done")));
  scrolled();
  dialog.addEventListener("close", () => stops.forEach(stop => stop()));
}
