import { h } from "./dom.js";

/**
 * The marks in messages: links, `code`, code blocks, **bold**, _italics_, quotes and lists. `parse` returns blocks; a block has
 * `type` and `inline`, `items` or `blocks`. Everything that is not a mark stays as it was written. Each step takes time in
 * proportion to the text.
 */

/** Quotes in quotes; deeper ones are text. */
const maxDepth = 3;

const fence = /^```[^`]*$/;
const fenceEnd = /^```\s*$/;
const quote = /^>(?: |$)/;
const bullet = /^- (?=\s*\S)/;
const numbered = /^(0|[1-9]\d{0,2})\. (?=\s*\S)/;

/** Where something can begin within a line. */
const marks = /`+|\*+|_+|https?:\/\/|mailto:/gi;

/** White space, control and format characters, quotation marks, brackets and wide punctuation are not part of an address. */
const address = /[^\s\p{C}<>"`\u3000-\u303f\uff01-\uff0f\uff1a-\uff1f]+/uy;
const afterAddress = new Set(".,:;!?'*_~،؛؟…’”»›");
const brackets = { ")": "(", "]": "[", "}": "{" };
const schemes = new Set(["http:", "https:", "mailto:"]);

const word = /[\p{L}\p{N}\p{M}_]/u;

function parse(text, depth = 0) {
  const lines = text.split("\n");
  const blocks = [];
  const ends = fenceEnds(lines);
  for (let at = 0; at < lines.length;) {
    const run = test => {
      const first = at;
      while (at < lines.length && test.test(lines[at])) {
        at++;
      }
      return lines.slice(first, at).map(line => line.replace(test, ""));
    };
    const start = at;
    if (fence.test(lines[at]) && ends[at] !== undefined) {
      blocks.push({ type: "pre", inline: [lines.slice(at + 1, ends[at]).join("\n")] });
      at = ends[at] + 1;
    } else if (depth < maxDepth && quote.test(lines[at])) {
      blocks.push({ type: "quote", blocks: parse(run(quote).join("\n"), depth + 1) });
    } else if (bullet.test(lines[at])) {
      blocks.push({ type: "bullets", items: run(bullet).map(line => ({ inline: parseLine(line) })) });
    } else if (numbered.test(lines[at])) {
      const numberOf = index => numbered.exec(lines[start + index])[1];
      blocks.push({ type: "numbers", items: run(numbered).map((line, index) => ({ number: numberOf(index), inline: parseLine(line) })) });
    } else {
      addLine(blocks, lines[at++]);
    }
  }
  return blocks;
}

/** What is left without the marks, in one line. */
export const plainText = text => parse(text).map(plainBlock).join(" ").replace(/\s+/g, " ").trim();

/** The nodes of a message. */
export const markup = text => parse(text).map(node);

/** For each line that opens a code block, the line that ends it. */
function fenceEnds(lines) {
  const ends = [];
  let next;
  for (let at = lines.length - 1; at >= 0; at--) {
    if (fence.test(lines[at])) {
      ends[at] = next;
      next = fenceEnd.test(lines[at]) ? at : next;
    }
  }
  return ends;
}

function addLine(blocks, line) {
  const last = blocks.at(-1);
  if (last?.type === "lines") {
    ["\n", ...parseLine(line)].forEach(part => append(last.inline, part));
  } else {
    blocks.push({ type: "lines", inline: parseLine(line) });
  }
}

/** Texts and { type, inline } or { type, href }. */
function parseLine(line) {
  const tokens = tokensOf(line);
  const pairs = pairsOf(tokens, line);
  const root = { inline: [] };
  const open = [root];
  const add = part => append(open.at(-1).inline, part);
  let at = 0;
  tokens.forEach((token, index) => {
    add(line.slice(at, token.start));
    at = token.end;
    if (token.part) {
      add(token.part);
    } else if (pairs.get(index) > index) {
      const element = { type: token.type, inline: [] };
      add(element);
      open.push(element);
    } else if (pairs.has(index)) {
      open.pop();
    } else {
      add(line.slice(token.start, token.end));
    }
  });
  add(line.slice(at));
  return root.inline;
}

function append(inline, part) {
  if (typeof part === "string" && typeof inline.at(-1) === "string") {
    inline.push(inline.pop() + part);
  } else if (part !== "") {
    inline.push(part);
  }
}

/** Code and links, which contain no marks, and the marks that may open or close something. */
function tokensOf(line) {
  const found = [...line.matchAll(marks)];
  const codeEnds = codeEndsOf(found);
  const tokens = [];
  let at = 0;
  // Up to here there is no link: to try again within a text that is no address would take quadratic time.
  let unlinked = 0;
  const linkAt = start => {
    if (start < unlinked || /[a-z0-9]/i.test(line[start - 1] ?? "")) {
      return null;
    }
    address.lastIndex = start;
    const whole = address.exec(line)[0];
    unlinked = start + whole.length;
    return link(start, whole.slice(0, lengthOf(whole)));
  };
  found.forEach((match, index) => {
    const { 0: text, index: start } = match;
    if (start < at) {
      return;
    }
    const end = start + text.length;
    const token = text[0] === "`" ? code(line, match, codeEnds[index])
      : text === "**" ? { type: "bold", start, end }
      : text === "_" ? { type: "italics", start, end }
      : text[0] === "*" || text[0] === "_" ? null
      : linkAt(start);
    if (token) {
      tokens.push(token);
      at = token.end;
    }
  });
  return tokens;
}

/** For each run of backticks, the next one of the same length. */
function codeEndsOf(found) {
  const next = new Map();
  const ends = [];
  for (let index = found.length - 1; index >= 0; index--) {
    const text = found[index][0];
    if (text[0] === "`") {
      ends[index] = next.get(text.length);
      next.set(text.length, found[index]);
    }
  }
  return ends;
}

function code(line, opening, closing) {
  if (!closing) {
    return null;
  }
  const start = opening.index + opening[0].length;
  // A space on both sides is for code that begins or ends with a backtick.
  const text = line.slice(start, closing.index).replace(/^ (?=.*\S)(.*) $/, "$1");
  return { start: opening.index, end: closing.index + closing[0].length, part: { type: "code", inline: [text] } };
}

function link(start, href) {
  const url = parsed(href);
  const isGood = url && schemes.has(url.protocol) && (url.protocol === "mailto:" ? /.@./.test(url.pathname) : url.host !== "");
  return isGood ? { start, end: start + href.length, part: { type: "link", href } } : null;
}

function parsed(href) {
  try {
    return new URL(href);
  } catch {
    return null;
  }
}

/** Without the punctuation after it, and without closing brackets that it does not open. */
function lengthOf(whole) {
  const surplus = { ")": 0, "]": 0, "}": 0 };
  for (const [close, open] of Object.entries(brackets)) {
    surplus[close] = whole.split(close).length - whole.split(open).length;
  }
  let length = whole.length;
  for (; length > 0; length--) {
    const last = whole[length - 1];
    if (surplus[last] > 0) {
      surplus[last]--;
    } else if (!afterAddress.has(last)) {
      break;
    }
  }
  return length;
}

/**
 * Which token closes which, both ways. A closing mark takes the nearest opening one, and the marks in between that are open are text.
 */
function pairsOf(tokens, line) {
  const pairs = new Map();
  const open = new Map();
  tokens.forEach(({ type, start, end }, index) => {
    if (!type) {
      return;
    }
    const before = characterBefore(line, start);
    const after = line.slice(end, end + 2);
    const isItalics = type === "italics";
    const opener = open.get(type);
    if (opener !== undefined && /\S/.test(before) && !(isItalics && word.test(first(after)))) {
      pairs.set(opener, index).set(index, opener);
      open.forEach((other, otherType) => other >= opener && open.delete(otherType));
    } else if (/^\S/.test(after) && !(isItalics && word.test(before))) {
      open.set(type, index);
    }
  });
  return pairs;
}

const first = text => [...text][0] ?? "";

/** A whole character: letters outside the basic plane have two units. */
function characterBefore(line, at) {
  const unit = line.charCodeAt(at - 1);
  return line.slice(unit >= 0xdc00 && unit <= 0xdfff ? Math.max(0, at - 2) : Math.max(0, at - 1), at);
}

function plainBlock({ inline, items, blocks }) {
  return blocks ? blocks.map(plainBlock).join(" ")
    : items ? items.map(item => `${item.number ? `${item.number}. ` : ""}${plainInline(item.inline)}`).join(" ")
    : plainInline(inline);
}

const plainInline = inline => inline
  .map(part => typeof part === "string" ? part : part.href ?? plainInline(part.inline))
  .join("");

const tags = { bold: "strong", italics: "em", code: "code" };

function node({ type, inline, items, blocks }) {
  return type === "pre" ? h("pre", { dir: "ltr" }, h("code", {}, ...inline))
    : type === "quote" ? h("blockquote", { dir: "auto" }, ...blocks.map(node))
    : type === "bullets" ? h("ul", {}, ...items.map(item => h("li", { dir: "auto" }, ...inlineNodes(item.inline))))
    : type === "numbers"
      ? h("ol", {}, ...items.map(item => h("li", { dir: "auto", value: item.number }, ...inlineNodes(item.inline))))
    : inlineNodes(inline);
}

const inlineNodes = inline => inline.map(part => typeof part === "string" ? part
  : part.href ? h("a", { href: part.href, target: "_blank", rel: "noopener noreferrer", dir: "ltr" }, part.href)
  : h(tags[part.type], { dir: part.type === "code" ? "ltr" : null }, ...inlineNodes(part.inline)));
