/** The server's address: two folders above this file, also behind a proxy that adds a path. */
const root = new URL("../../", import.meta.url);
const timeoutMs = 20_000;

/** A call that was refused, or that did not reach the server (`code` is then "unreachable"). */
export class ApiError extends Error {
  constructor(message, { code, status = 0, retryAfterMs = 0 }) {
    super(message);
    Object.assign(this, { code, status, retryAfterMs });
  }
}

/** The REST API, with or without a token. */
export class Api {
  /** A client renews it: see Renewal. */
  token;

  /** Called when the server no longer accepts the token. */
  onUnauthorized = () => {};

  /** The last answers of `getChanging` and their tags, by path. */
  #answers = new Map();

  constructor(token = null) {
    this.token = token;
  }

  get = path => this.#call("GET", path);
  /** The same for what is asked for again and again: the server sends it only when it has changed. */
  getChanging = path => this.#call("GET", path, undefined, this.#answers);
  post = (path, body) => this.#call("POST", path, body);
  put = path => this.#call("PUT", path);
  patch = (path, body) => this.#call("PATCH", path, body);
  delete = path => this.#call("DELETE", path);

  socketUrl(ticket) {
    const url = new URL("api/ws/chat", root);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("ticket", ticket);
    return url;
  }

  async #call(method, path, body, answers = null) {
    const headers = {};
    const last = answers?.get(path);
    if (last) {
      headers["If-None-Match"] = last.tag;
    }
    if (this.token) {
      headers.Authorization = `Bearer ${this.token}`;
    }
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    let answer, text;
    try {
      answer = await fetch(new URL(`api/${path}`, root), {
        method, headers, body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(timeoutMs),
      });
      text = await answer.text();
    } catch {
      throw new ApiError("The server cannot be reached", { code: "unreachable" });
    }
    if (answer.status === 304) {
      return parse(last.text);
    }
    const content = parse(text);
    if (answer.ok) {
      const tag = answer.headers.get("ETag");
      tag ? answers?.set(path, { tag, text }) : answers?.delete(path);
      return content;
    }
    const error = new ApiError(content?.detail ?? `The server answered ${answer.status}`, {
      code: content?.code ?? "unexpected",
      status: answer.status,
      retryAfterMs: content?.retry_after_ms ?? 1000 * (Number(answer.headers.get("Retry-After")) || 0),
    });
    if (answer.status === 401 && this.token) {
      this.onUnauthorized(error);
    }
    throw error;
  }
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    // Probably a proxy's error page.
    return null;
  }
}
