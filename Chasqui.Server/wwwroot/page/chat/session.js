import { Api } from "../net/api.js";
import * as storage from "../base/storage.js";
import { beginEmpty } from "./additions.js";

const key = "session";

/** The session of all tabs of this browser: { token, id, username, renewAt }. */
export const current = () => storage.read(key);

export async function logIn(nameOrEmail, password) {
  const name = nameOrEmail.includes("@") ? { email: nameOrEmail } : { username: nameOrEmail };
  const { token } = await new Api().post("login", { ...name, password });
  const { id, username } = await new Api(token).get("me");
  storage.write(key, { token, id, username, renewAt: halfOf(token) });
}

/** Stores a renewed token, unless another tab has logged out or in since. */
export function replaceToken(old, token) {
  const session = current();
  if (session?.token === old) {
    storage.write(key, { ...session, token, renewAt: halfOf(token) });
  }
}

/** When half of the life of a token that has just been issued is over, by the clock of this machine. */
function halfOf(token) {
  const { iat, exp } = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  return Date.now() + 1000 * (exp - iat) / 2;
}

export async function register(username, email, password, invite) {
  const { id } = await new Api().post("register", { username, email, password, invite });
  beginEmpty(id);
}

/** Deletes the session here, not on the server. */
export const forget = () => storage.remove(key);

/** Calls back when another tab logs in or out. */
export const onChangeElsewhere = listener =>
  storage.onChangeElsewhere(changed => (changed === null || changed === key) && listener());
