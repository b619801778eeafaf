/** What a visitor can break, and what is broken now: the sandbox is asked, since faults wear off and others break things too. */
import { get, post, remove } from "./api.js";

const ARXIV = "GET /arxiv";
const POSTING = "POST /channels/{channel_id}/messages";
const ALWAYS = { times: -1 };
const EMBED_LINKS = 1n << 14n;

/** Label → what to do, given the channel that gets papers. */
export const TROUBLE = {
  "arXiv: 429, too many requests": () => post("faults", { route: ARXIV, status: 429, ...ALWAYS }),
  "arXiv: no answer (timeout)": () => post("faults", { route: ARXIV, stall: 120, ...ALWAYS }),
  "arXiv: 503, unavailable": () => post("faults", { route: ARXIV, status: 503, ...ALWAYS }),
  "Discord: 429, too many requests": () => post("faults", { route: POSTING, status: 429, times: 3 }),
  "Discord: 503, unavailable": () => post("faults", { route: POSTING, status: 503, ...ALWAYS }),
  "Discord: the line drops": () => post("gateway/drop"),
  "Embed Links taken away": (place) => post(`channels/${place.id}/permissions`, { deny: ["EMBED_LINKS"] }),
  "The channel deleted": (place) => remove(`channels/${place.id}`),
};

/** A clause for each thing that is broken; `place` is the channel that gets papers, if it is there. */
export async function broken(place) {
  const [faults, line] = await Promise.all([get("faults"), get("gateway")]);
  const denied = place?.permission_overwrites?.some((each) => BigInt(each.deny) & EMBED_LINKS);
  return [
    ...new Set(faults.map(clause)),
    line.connected ? "" : "the bot is off line",
    denied ? "the bot may not embed links in its channel" : "",
    place ? "" : "the channel is gone",
  ].filter(Boolean);
}

function clause({ route, status, times }) {
  const who = { [ARXIV]: "arXiv", [POSTING]: "Discord" }[route] ?? route;
  const posts = route !== POSTING ? "" : times > 0 ? ` the next ${times} posts` : " posts";
  return status ? `${who} answers${posts}${posts ? " with" : ""} ${status}` : `${who} does not answer`;
}
