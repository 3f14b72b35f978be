import { h } from "../page/base/dom.js";
import { json, line, table } from "./text.js";

const last = reference => reference.$ref.split("/").at(-1);

const schemaOf = (sockets, reference) => sockets.components.schemas[last(reference)];

const wanted = operation => operation.reply.messages.map(last);

/** The type of a field in words, and the schema of its object. */
function typeOf(sockets, field) {
  const reference = field.$ref ? field : field.allOf?.[0];
  if (reference) {
    return { words: last(reference), inner: schemaOf(sockets, reference) };
  }
  if (field.type === "array") {
    const { words, inner } = typeOf(sockets, field.items);
    return { words: words + "[]", inner };
  }
  const prefix = field.pattern?.match(/^\^\(?([a-z]+:)/)?.[1];
  return { words: prefix ? prefix + "<uuid>" : field.format === "date-time" ? "time" : field.const ? JSON.stringify(field.const) : field.type };
}

/** The fields, and the fields of nested objects by their path. */
function rows(sockets, schema, path = "") {
  return Object.entries(schema.properties).flatMap(([name, field]) => {
    const { words, inner } = typeOf(sockets, field);
    const limit = field.maxLength ? ` ${field.minLength} to ${field.maxLength.toLocaleString("en")} characters.` : "";
    const row = { cells: [
      h("code", {}, path + name),
      [h("code", {}, words), schema.required?.includes(name) ? null : h("span", { class: "optional" }, " optional")],
      line((field.description ?? "") + (field.description?.includes("character") ? "" : limit)),
    ] };
    return [row, ...(inner ? rows(sockets, inner, `${path}${name}${words.endsWith("[]") ? "[]" : ""}.`) : [])];
  });
}

/** An Ack or an Error answers a `request_id`; some frames have another answer, which comes in any case. */
function answeredBy(answers) {
  const link = answer => h("a", { href: "#message-" + answer }, answer);
  const own = answers.find(answer => !["Ack", "Error"].includes(answer));
  const others = answers.filter(answer => answer !== own);
  return [...own ? ["Answered by ", link(own), ", and with a "] : ["With a "],
    h("code", {}, "request_id"), own ? " by " : " answered by ", ...others.flatMap((answer, i) => [i ? " or " : "", link(answer)]), "."];
}

function entry(sockets, name, hubName, answers) {
  const message = sockets.components.messages[name];
  return h("article", { id: "message-" + name, "data-entry": name },
    h("h3", {}, h("code", {}, name), hubName && h("span", { class: "tag" }, hubName)),
    h("p", {}, line(message.summary)),
    answers && h("p", { class: "muted" }, answeredBy(answers)),
    table(["Field", "Type", "What it is"], rows(sockets, schemaOf(sockets, message.payload))),
    h("details", { open: true }, h("summary", {}, message.examples.length > 1 ? "Examples" : "Example"),
      message.examples.map(example => json(example.payload))));
}

const operations = (sockets, action) => Object.values(sockets.operations).filter(operation => operation.action === action);

export const frames = sockets => operations(sockets, "receive").map(operation => {
  const name = last(operation.messages[0]);
  const method = sockets.components.messages[name]["x-hub-method"];
  return entry(sockets, name, method ? `hub method ${method}` : "raw only", wanted(operation));
});

export const events = sockets => operations(sockets, "send").map(operation => {
  const name = last(operation.messages[0]);
  const event = sockets.components.messages[name]["x-hub-event"];
  return entry(sockets, name, event && `hub event ${event}`);
});

export const errorCodes = sockets => [
  h("p", {}, "Over REST in ", h("code", {}, "application/problem+json"), " with its status, on the raw socket in ",
    h("a", { href: "#message-Error" }, "Error"), ", at the hub in the text of a ", h("code", {}, "HubException"), "."),
  table(["Code", "Status", "When", "Sentence"], sockets["x-error-codes"].map(({ code, status, description, example }) =>
    ({ id: "error-" + code, cells: [h("code", {}, code), String(status), line(description), example.message] }))),
];

export const closeCodes = sockets => [
  table(["Code", "Reason", "What to do"], sockets["x-close-codes"].map(({ code, reason, advice }) =>
    ({ id: "close-" + code, cells: [h("code", {}, String(code)), reason || "normal", line(advice)] }))),
];

export const limits = (sockets, protocol) => [
  h("p", {}, "As this server is configured; a client asks with ", h("code", {}, "GET /api/protocol"), ". Limits that are switched off are absent."),
  table(["Limit", "Here"], [...Object.entries(protocol.limits), ["heartbeat_ms", protocol.heartbeat_ms]].map(([name, value]) =>
    ({ cells: [h("code", {}, name), value.toLocaleString("en")] }))),
];

export const features = (sockets, protocol) => [
  table(["Feature", "What it means"], sockets["x-features"].filter(({ name }) => protocol.features.includes(name)).map(({ name, description }) =>
    ({ cells: [h("code", {}, name), line(description)] }))),
];
