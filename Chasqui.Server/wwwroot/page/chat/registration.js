import { Api } from "../net/api.js";

/** The invitation of the link that was opened. It stands behind `#`, which browsers send to no server. */
export const invitation = () => location.hash.match(/^#invite=([\w-]+)$/)?.[1] ?? null;

/** Takes the invitation out of the address, once it is of no more use. */
export function forgetInvitation() {
  if (invitation()) {
    history.replaceState(history.state, "", location.pathname + location.search);
  }
}

/** Who may register: "open", "invited" or "closed"; "open" too while the server cannot say. */
export const registrationMode = () => new Api().get("protocol").then(protocol => protocol.registration ?? "open", () => "open");
