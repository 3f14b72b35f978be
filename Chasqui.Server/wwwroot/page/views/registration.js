import { h } from "../base/dom.js";
import { field } from "./field.js";

/** What the form for a new account shows besides its other fields: a field for the invitation, or that there are no accounts. */
export const invitationField = invite =>
  field("Invitation", { name: "invite", value: invite, autocomplete: "off" }, "From the link or the text that you were sent.");

export const closedNote = () =>
  h("p", { class: "login-other" }, "New here? Ask the operator of this server for an account.");
