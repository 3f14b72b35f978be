import { Chat } from "./chat/chat.js";
import { applyTheme } from "./base/preferences.js";
import { forgetInvitation } from "./chat/registration.js";
import { Renewal } from "./chat/renewal.js";
import * as session from "./chat/session.js";
import { LoginView } from "./views/login.js";
import { Shell } from "./views/shell.js";

const app = document.getElementById("app");
const reasons = {
  "logged-out": "You have been logged out. Log in again; unsent messages are kept.",
  disabled: "This account has been disabled.",
};
let shown = null;
let renewal = null;

function show(notice) {
  shown?.close();
  renewal?.close();
  renewal = null;
  const user = session.current();
  shown = user ? chatOf(user) : new LoginView(() => show(), notice);
  app.replaceChildren(shown.element);
  shown.focus();
}

function chatOf(user) {
  forgetInvitation();
  const chat = new Chat(user);
  const shell = new Shell(chat);
  chat.on("ended", reason => {
    // Another tab may have logged in again in the meantime.
    if (shown === shell && session.current()?.token === chat.api.token) {
      session.forget();
      show(reasons[reason]);
    }
  });
  chat.on("log-out", () => {
    session.forget();
    show();
  });
  chat.start();
  renewal = new Renewal(chat.api, user.id);
  return shell;
}

session.onChangeElsewhere(() => renewal?.adopt(session.current()) || show());
applyTheme();
show();
