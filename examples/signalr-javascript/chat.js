// Chats over SignalR: npm install, then node chat.js <you> <your password> <them>, then type lines.
import { HubConnectionBuilder, LogLevel } from "@microsoft/signalr";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";

const server = process.env.CHASQUI_URL ?? "http://localhost:8080";
const [username, password, friend] = process.argv.slice(2);
const pause = () => 1000 + 1000 * Math.random();
let token, newest = 0; // the seq of the last message that was shown

async function post(path, body) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${server}/api${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const json = await answer.json();
  return answer.ok ? json : Promise.reject(Object.assign(new Error(json.message), { status: answer.status }));
}

function giveUp(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** Exits when the login is refused. */
async function logIn() {
  token = undefined;
  ({ token } = await post("/login", { username, password }).catch(error => {
    if ([401, 403].includes(error.status)) {
      giveUp(error.message);
    }
    throw error;
  }));
}

/** Exchanges the token for a fresh one when half of its life is over. */
async function renew() {
  if (token) {
    ({ token } = await post("/token").catch(() => ({ token }))); // a failure: not now, or the token has ended
  }
  planRenewal();
}

function planRenewal() {
  const { iat, exp } = token ? JSON.parse(Buffer.from(token.split(".")[1], "base64url")) : { iat: 0, exp: 2 };
  setTimeout(renew, Math.max(1000, 500 * (exp - iat))).unref();
}

await logIn();
planRenewal();
const talk = await post("/conversations", { conversation_type: "direct", participant_ids: [friend] });
const names = new Map(talk.members.map(member => [member.id, member.username]));

const hub = new HubConnectionBuilder()
  .withUrl(`${server}/hubs/chat`, { accessTokenFactory: async () => token ?? (await logIn(), token) })
  .withAutomaticReconnect({
    nextRetryDelayInMilliseconds({ retryReason }) {
      forgetIfEnded(retryReason);
      return pause();
    },
  })
  .configureLogging(LogLevel.None)
  .build();

function forgetIfEnded(error) {
  token = error.message.includes("'401'") ? undefined : token;
}

hub.on("NewMessage", ({ message }) => {
  newest = message.seq;
  console.log(`${names.get(message.sender_id)}: ${message.content}`);
});

async function join() {
  try {
    const ack = await hub.invoke("Join", { conversation_id: talk.id, after: newest });
    newest = ack.replayed === false ? ack.seq : newest; // too far behind for a replay: the history has the rest
  } catch {
    setTimeout(() => hub.state === "Connected" && join(), pause());
  }
}

/** Sends a message until it is stored. A message that is sent again with the same id is stored once. */
async function say(content) {
  const message = { conversation_id: talk.id, content, client_message_id: randomUUID() };
  for (;;) {
    try {
      return await hub.invoke("SendMessage", message);
    } catch (error) {
      const isRefused = error.message.includes("HubException:") && !error.message.includes("retry_after_ms=");
      if (isRefused) {
        return console.error(error.message);
      }
      await new Promise(resolve => setTimeout(resolve, pause()));
    }
  }
}

async function connect() {
  for (;;) {
    try {
      await hub.start();
      return await join();
    } catch (error) {
      forgetIfEnded(error);
      await new Promise(resolve => setTimeout(resolve, pause()));
    }
  }
}

hub.onreconnecting(error => {
  if (error?.message.endsWith("Connection closed with an error.")) { // SignalR does not take what was sent, nor would it again
    giveUp("The server closed the connection. A line may be too long.");
  }
});
hub.onreconnected(join);
hub.onclose(error => {
  if (error) { // the token has ended, or the account was disabled and the login is refused
    token = undefined;
    connect();
  }
});
await connect();
for await (const line of createInterface({ input: process.stdin })) {
  await say(line);
}
await hub.stop();
