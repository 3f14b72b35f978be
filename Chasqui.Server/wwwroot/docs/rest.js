import { h } from "../page/base/dom.js";
import { line, table } from "./text.js";

const methods = ["get", "post", "put", "patch", "delete"];

/** The anchor of a call in Swagger UI, built as Swagger UI does. */
const place = (tag, method, path) => `rest/index.html#/${tag}/${method}_${path.slice(1).replaceAll(/[\s!"#$%&'()*+,/:;<=>?@[\]^`{|}~.-]/g, "_")}`;

const called = (tag, path, method, operation) => ({ cells: [
  h("a", { class: "call", href: place(tag, method, path) }, h("span", { class: `method ${method}` }, method.toUpperCase()), " ", h("code", {}, path)),
  operation.security?.length ? "yes" : "no",
  line(operation.summary),
] });

export const rest = api => [
  h("p", {}, "Each call leads to its description with bodies, answers and examples, where it can be tried."),
  ...api.tags.flatMap(({ name, description }) => {
    const rows = Object.entries(api.paths).flatMap(([path, item]) => methods
      .filter(method => item[method]?.tags?.includes(name))
      .map(method => called(name, path, method, item[method])));
    return [h("h3", {}, name), h("p", { class: "muted" }, line(description)), table(["Call", "Token", "What it does"], rows)];
  }),
];
