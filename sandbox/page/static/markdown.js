/** Discord's Markdown, as much of it as a bot writes: https://support.discord.com/hc/en-us/articles/210298617 */
import { h } from "./dom.js";
import { date, time } from "./moments.js";

const INLINE = new RegExp(
  [
    "\\\\(?<escaped>[^A-Za-z0-9\\s])",
    "`(?<code>[^`\\n]+)`",
    "\\*\\*(?<bold>(?:\\\\.|[^\\\\])+?)\\*\\*",
    "__(?<under>(?:\\\\.|[^\\\\])+?)__",
    "~~(?<gone>(?:\\\\.|[^\\\\])+?)~~",
    "\\*(?<star>(?:\\\\.|[^\\\\*\\n])+?)\\*",
    "(?<![A-Za-z0-9])_(?<slant>(?:\\\\.|[^\\\\_\\n])+?)_(?![A-Za-z0-9])",
    "\\[(?<label>(?:\\\\.|[^\\[\\]\\\\])+)\\]\\(<?(?<target>https?://(?:\\([^\\s()]*\\)|[^\\s()>])+)>?\\)",
    "<(?<quiet>https?://[^\\s>]+)>",
    "(?<bare>https?://[^\\s<>]*[^\\s<>.,:;!?)\\]])",
    "<t:(?<unix>-?\\d+)(?::(?<style>[tTdDfFR]))?>",
    "<#(?<channel>\\d+)>",
    "<@!?(?<user>\\d+)>",
    "</(?<command>[^:>]+):\\d+>",
  ].join("|"),
  "gu",
);

/** Block elements for a message or an embed; `world` knows the names behind mentions, where links lead, and the time. */
export function markdown(text, world) {
  const pieces = text.split(/\n?```(?:[a-z]+\n)?([\s\S]*?)```\n?/u);
  return pieces.flatMap((piece, place) => (place % 2 ? codeBlock(piece) : piece.split("\n").map((one) => line(one, world))));
}

function codeBlock(text) {
  return h("pre", { tabindex: "0" }, h("code", {}, text.replace(/^\n|\n$/gu, "")));
}

function line(text, world) {
  const [, mark, rest] = text.match(/^(-# |#{1,3} |> |[-*] )?(.*)$/su);
  if (mark === "- " || mark === "* ") return h("p", { class: "line bullet" }, inline(rest, world));
  const tags = { "-# ": "small", "> ": "blockquote" };
  return h(tags[mark] ?? (mark ? "strong" : "p"), { class: "line" }, inline(rest, world));
}

/** Text and elements within one line. */
export function inline(text, world) {
  const shown = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    shown.push(text.slice(end, found.index), element(found.groups, world));
    end = found.index + found[0].length;
  }
  return [...shown, text.slice(end)];
}

function element(part, world) {
  const nested = { bold: "strong", under: "u", gone: "s", star: "em", slant: "em" };
  for (const [name, tag] of Object.entries(nested)) if (part[name]) return h(tag, {}, inline(part[name], world));
  if (part.escaped) return part.escaped;
  if (part.code) return h("code", {}, part.code);
  if (part.label) return link(world.reached(part.target), inline(part.label, world));
  if (part.unix) return moment(Number(part.unix) * 1000, part.style, world);
  if (part.channel) return mention(`#${world.channel(part.channel)?.name ?? "deleted-channel"}`);
  if (part.user) return mention(`@${world.userName(part.user)}`);
  if (part.command) return mention(`/${part.command}`);
  const address = part.quiet ?? part.bare;
  return link(world.reached(address), [address]);
}

const mention = (name) => h("span", { class: "mention" }, name);

export const link = (address, children, attributes = {}) =>
  h("a", { href: address, target: "_blank", rel: "noopener noreferrer", ...attributes }, ...children);

function moment(milliseconds, style, world) {
  const when = new Date(milliseconds);
  return h("time", { datetime: when.toISOString(), title: date(when, "F") }, time(when, style ?? "f", world.now));
}
