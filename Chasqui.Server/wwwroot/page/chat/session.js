import { Api } from "../net/api.js";
import * as storage from "../base/storage.js";

const key = "session";

/** The session of all tabs of this browser: { token, id, username }. */
export const current = () => storage.read(key);

export async function logIn(nameOrEmail, password) {
  const name = nameOrEmail.includes("@") ? { email: nameOrEmail } : { username: nameOrEmail };
  const { token } = await new Api().post("login", { ...name, password });
  const { id, username } = await new Api(token).get("me");
  storage.write(key, { token, id, username });
}

export const register = (username, email, password) => new Api().post("register", { username, email, password });

/** Deletes the session here, not on the server. */
export const forget = () => storage.remove(key);

/** Calls back when another tab logs in or out. */
export const onChangeElsewhere = listener =>
  storage.onChangeElsewhere(changed => (changed === null || changed === key) && listener());
