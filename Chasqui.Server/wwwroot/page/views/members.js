import { h, iconButton, name, reconcile } from "../base/dom.js";
import { later } from "../base/later.js";
import { nameOf } from "../chat/people.js";
import { avatar, usernameOf } from "./avatar.js";
import { confirm, openDialog } from "./dialog.js";
import { PeoplePicker } from "./people-picker.js";

/** The members of a group: adding, removing, leaving. */
export function openMembers(chat, id) {
  const conversation = () => chat.conversations.get(id);
  const list = h("ul", { class: "members", role: "list" });
  const error = h("p", { class: "form-error", role: "alert" });
  const adding = h("div", { class: "adding" });
  const stops = [chat.on("conversations", later(draw)), chat.on("removed", gone => gone.id === id && dialog.close())];

  function draw() {
    if (!conversation()) {
      return;
    }
    const { members } = conversation();
    const isOwner = members.some(member => member.id === chat.me.id && member.role === "owner");
    reconcile(list, members.map(member => ({
      key: member.id,
      version: JSON.stringify([nameOf(member), member.role, isOwner]),
      build: () => row(member, isOwner),
    })));
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
      await attempt(() => chat.removeMember(id, member.id));
    }
  }

  async function leave() {
    if (await confirm({ title: "Leave this group?", text: "You will no longer see its messages, unless a member adds you again.", action: "Leave" })) {
      await attempt(() => chat.removeMember(id, chat.me.id));
    }
  }

  /** A new picker each time, without the members added before. */
  function offer() {
    const button = h("button", { type: "button", class: "button primary", disabled: true, onclick: add }, "Add");
    const picker = new PeoplePicker(
      chat.api, () => (conversation()?.members ?? []).map(member => member.id),
      chosen => { button.disabled = chosen.length === 0; }, "Add people");
    adding.replaceChildren(picker.element, h("div", { class: "adding-foot" }, button));
    return picker;

    async function add() {
      button.disabled = true;
      if (await attempt(async () => {
        await chat.addMembers(id, picker.chosen.map(user => user.id));
        await chat.refresh();
      })) {
        offer().focus();
      } else {
        button.disabled = false;
        button.focus();
      }
    }
  }

  draw();
  offer();
  const dialog = openDialog(["People in ", name(chat.title(conversation()))],
    h("div", { class: "dialog-body" }, list, adding, error),
    h("footer", { class: "dialog-foot" }, h("button", { type: "button", class: "button danger-quiet", onclick: leave }, "Leave group"),
      h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Done")));
  dialog.addEventListener("close", () => stops.forEach(stop => stop()));
}
