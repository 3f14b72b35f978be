import { h } from "../base/dom.js";
import { navigation } from "../base/navigation.js";
import { openDialog } from "./dialog.js";
import { PeoplePicker } from "./people-picker.js";

/** One other person: a direct chat, or a group on request; several: a group. */
export function openNewConversation(chat) {
  const error = h("p", { class: "form-error", role: "alert" });
  const asGroup = h("input", { type: "checkbox", id: "as-group", onchange: () => draw() });
  const asGroupRow = h("label", { class: "check", for: "as-group", hidden: true }, asGroup, "Make it a group, so that more can join later");
  const name = h("input", { id: "group-name", maxlength: 200, placeholder: "New Group", dir: "auto", autocomplete: "off" });
  const nameRow = h("div", { class: "field", hidden: true }, h("label", { for: "group-name" }, "Name of the group"), name);
  const submit = h("button", { class: "button primary", disabled: true }, "Start chat");
  const picker = new PeoplePicker(chat.api, () => [chat.me.id], () => draw());

  const isGroup = () => picker.chosen.length > 1 || (picker.chosen.length === 1 && asGroup.checked);

  function draw() {
    const count = picker.chosen.length;
    asGroupRow.hidden = count !== 1;
    nameRow.hidden = !isGroup();
    submit.disabled = count === 0;
    submit.textContent = isGroup() ? "Create group" : "Start chat";
  }

  async function create(event) {
    event.preventDefault();
    if (picker.chosen.length === 0) {
      return;
    }
    submit.disabled = true;
    error.textContent = "";
    try {
      const conversation = await chat.api.post("conversations", {
        conversation_type: isGroup() ? "group" : "direct",
        participant_ids: picker.chosen.map(user => user.id),
        ...isGroup() && name.value.trim() ? { name: name.value.trim() } : {},
      });
      dialog.close();
      chat.adopt(conversation);
      // In place of the dialog's entry in the history.
      navigation.open(`c/${conversation.id.slice("conv:".length)}`);
    } catch (refusal) {
      error.textContent = `${refusal.message}.`;
      draw();
      // A disabled button loses the focus.
      submit.focus();
    }
  }

  const dialog = openDialog("New chat",
    h("form", { class: "dialog-form", onsubmit: create },
      h("div", { class: "dialog-body" }, picker.element, asGroupRow, nameRow, error),
      h("footer", { class: "dialog-foot" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"), submit)));
  picker.focus();
}
