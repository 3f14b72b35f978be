import { Chat } from "./chat/chat.js";
import * as session from "./chat/session.js";
import { LoginView } from "./views/login.js";
import { Shell } from "./views/shell.js";

const app = document.getElementById("app");
const reasons = {
  "logged-out": "You have been logged out. Log in again; unsent messages are kept.",
  disabled: "This account has been disabled.",
};
let shown = null;

function show(notice) {
  shown?.close();
  const user = session.current();
  shown = user ? chatOf(user) : new LoginView(() => show(), notice);
  app.replaceChildren(shown.element);
  shown.focus();
}

function chatOf(user) {
  const chat = new Chat(user);
  const shell = new Shell(chat);
  chat.on("ended", reason => {
    // Another tab may have logged in again in the meantime.
    if (shown === shell && session.current()?.token === user.token) {
      session.forget();
      show(reasons[reason]);
    }
  });
  chat.on("log-out", () => {
    session.forget();
    show();
  });
  chat.start();
  return shell;
}

session.onChangeElsewhere(() => show());
show();
