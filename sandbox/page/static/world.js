/** What this reader knows of the small Discord: loaded once, then kept up to date by the sandbox's events. */
import { get } from "./api.js";

const MESSAGES = ["MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"];
const PLACES = ["CHANNEL", "THREAD"].flatMap((kind) => ["CREATE", "UPDATE", "DELETE"].map((verb) => `${kind}_${verb}`));
const THREADS = [10, 11, 12];
const PAPER = /^https:\/\/arxiv\.org(\/(?:abs|pdf)\/.+)$/u;

export class World extends EventTarget {
  servers = [];
  people = [];
  now = new Date();
  bot = {};
  #channels = new Map();
  #messages = new Map();
  #loads = 0;
  #missed = new Set();

  /** Fires "message" with one that is new or changed, "gone" with an id, "places", "time", and "line" with whether it is up. */
  watch() {
    const events = new EventSource("/_sandbox/events");
    for (const name of MESSAGES) events.addEventListener(name, (event) => this.#heard(name, JSON.parse(event.data)));
    for (const name of [...PLACES, "GUILD_CREATE", "GUILD_DELETE"]) events.addEventListener(name, () => this.load());
    events.addEventListener("open", () => this.#tell("line", true));
    events.addEventListener("error", () => this.#tell("line", false));
    return new Promise((resolve) => events.addEventListener("open", () => resolve(this.load())));
  }

  async load() {
    const turn = ++this.#loads;
    const missed = [];
    this.#missed.add(missed);
    const [state, people, bot] = await Promise.all([get("state"), get("members"), get("bot")]);
    this.#missed.delete(missed);
    if (turn !== this.#loads) return;
    this.servers = state.servers;
    this.people = people.map((each) => ({ ...each.user, roles: each.role_names, server_id: each.server_id }));
    this.bot = bot;
    this.now = new Date(state.now);
    this.#channels = new Map(state.servers.flatMap((server) => server.channels).map((one) => [one.id, one]));
    const whispers = [...this.#messages.values()].filter((message) => message.visible_to);
    const standing = [...this.#channels.values()].flatMap((channel) => channel.messages);
    this.#messages = new Map([...standing, ...whispers].map((message) => [message.id, message]));
    for (const [name, message] of missed) this.#apply(name, message);
    this.#tell("places");
  }

  async tick() {
    const now = new Date(await get("clock"));
    if (now.getTime() === this.now.getTime()) return;
    this.now = now;
    this.#tell("time");
  }

  channel(id) {
    return this.#channels.get(id);
  }

  /** Where a link leads from here: an invented paper is read in the sandbox, not at the real arXiv. */
  reached(address) {
    return this.bot.invents ? address.replace(PAPER, "$1") : address;
  }

  userName(id) {
    return this.people.find((person) => person.id === id)?.username ?? "somebody";
  }

  /** What `reader` sees there, oldest first. */
  messages(channelId, reader) {
    const seen = [...this.#messages.values()].filter((one) => one.channel_id === channelId && visible(one, reader));
    return seen.sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1));
  }

  /** A server's channels, each followed by its threads. */
  channels(server) {
    const top = server.channels.filter((channel) => !isThread(channel));
    return top.flatMap((channel) => [channel, ...server.channels.filter((one) => isThread(one) && one.parent_id === channel.id)]);
  }

  /** Dismiss an ephemeral message. */
  forget(id) {
    this.#messages.delete(id);
    this.#tell("gone", id);
  }

  #heard(name, message) {
    for (const missed of this.#missed) missed.push([name, message]);
    this.#apply(name, message);
    this.#tell(...(name === "MESSAGE_DELETE" ? ["gone", message.id] : ["message", message]));
  }

  #apply(name, message) {
    if (name === "MESSAGE_DELETE") this.#messages.delete(message.id);
    else this.#messages.set(message.id, message);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

export const isThread = (channel) => THREADS.includes(channel.type);

export const visible = (message, reader) => !message.visible_to || message.visible_to === reader.id;
