import { h } from "../page/base/dom.js";
import { prose } from "./text.js";
import { rest } from "./rest.js";
import { closeCodes, errorCodes, events, features, frames, limits } from "./sockets.js";

const addresses = ["../asyncapi.json", "../openapi/v1.json", "../api/protocol"];
const content = document.getElementById("content");

async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) {
    throw new Error(`${address} answered ${answer.status}`);
  }
  return answer.json();
}

const transports = () => h("div", { class: "scroll" }, h("table", {},
  h("thead", {}, h("tr", {}, ["Transport", "Address", "Clients"].map(name => h("th", { scope: "col" }, name)))),
  h("tbody", {},
    [["REST", "/api", "any HTTP client"],
      ["Raw JSON WebSocket", "/api/ws/chat?ticket=…", "frontends and other programs with WebSocket and JSON"],
      ["SignalR hub", "/hubs/chat", ".NET, JavaScript and Java SignalR clients"]].map(([transport, address, clients]) =>
      h("tr", {}, h("th", { scope: "row" }, transport), h("td", {}, h("code", {}, address)), h("td", {}, clients))))));

function draw(sockets, api, protocol) {
  const sections = [
    ["transports", "Three transports", [transports(), ...prose(sockets.info.description)]],
    ["frames", "Client frames", frames(sockets)],
    ["events", "Server events", events(sockets)],
    ["rest", "REST", rest(api)],
    ["errors", "Error codes", errorCodes(sockets)],
    ["closing", "Close codes", closeCodes(sockets)],
    ["limits", "Limits of this server", limits(sockets, protocol)],
    ["features", "Features", features(sockets, protocol)],
  ];
  document.getElementById("version").textContent = protocol.version;
  document.getElementById("contents").replaceChildren(h("ul", {}, sections.map(([id, title, parts]) => h("li", {},
    h("a", { href: "#" + id }, title),
    parts.some(part => part.dataset?.entry) && h("ul", {}, parts.filter(part => part.dataset?.entry).map(part =>
      h("li", {}, h("a", { href: "#" + part.id }, part.dataset.entry))))))));
  content.replaceChildren(...sections.map(([id, title, parts]) =>
    h("section", { id, "aria-labelledby": id + "-title" }, h("h2", { id: id + "-title" }, title), parts)));
  // The target of the address did not exist before.
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

try {
  draw(...await Promise.all(addresses.map(load)));
} catch (error) {
  content.replaceChildren(h("p", { role: "alert" }, `The docs cannot be shown: ${error.message}. `, h("a", { href: "" }, "Try again")));
}
