/** The page: who reads which channel, and what happens when they act. */
import { get, post } from "./api.js";
import { Composer } from "./composer.js";
import { find, h } from "./dom.js";
import { avatar, messageElement } from "./messages.js";
import { openModal } from "./modal.js";
import { Panel } from "./panel.js";
import { World, isThread, visible } from "./world.js";

const PEOPLE = { grace: "manages the server", emmy: "a member" };
const MANAGERS = "Managers";
const BEAT = 2000; // milliseconds between two looks at the sandbox's clock

const world = new World();
let reader = null;
let channelId = null;
let commands = [];

const here = () => world.channel(channelId);
const server = () => world.servers.find((one) => one.channels.some((channel) => channel.id === channelId)) ?? world.servers[0];
const readers = () => world.people.filter((one) => one.username in PEOPLE && one.server_id === server().id);
const manages = (person) => person.roles.includes(MANAGERS);

// --- what is shown

function showPlaces() {
  if (!here()) channelId = world.servers[0].channels[0]?.id ?? null;
  reader = readers().find((one) => one.username === (reader?.username ?? "grace"));
  find("#places").replaceChildren(
    ...world.servers.map((one) => h("section", {}, h("h2", {}, one.name), h("ul", {}, world.channels(one).map(placeElement)))),
  );
  find("#readers").replaceChildren(...readers().map(readerElement));
  showChannel();
}

function placeElement(channel) {
  const current = channel.id === channelId;
  const mark = isThread(channel) ? "↳ " : "# ";
  const go = () => openChannel(channel.id);
  const attributes = { type: "button", "data-channel": channel.id, "aria-current": current ? "page" : null, onclick: go };
  return h("li", { class: isThread(channel) ? "in-channel" : "" }, h("button", attributes, h("span", { "aria-hidden": "true" }, mark), channel.name));
}

function readerElement(person) {
  const chosen = person.username === reader.username;
  const become = () => {
    reader = person;
    showPlaces();
    composer.reset();
  };
  const says = h("span", {}, h("b", {}, person.username), h("small", {}, PEOPLE[person.username]));
  return h("button", { type: "button", class: "reader", "aria-pressed": String(chosen), onclick: become }, avatar(person), says);
}

function showChannel() {
  find("#channel").textContent = here()?.name ?? "no channel";
  document.title = `#${here()?.name ?? ""} · arXiv Daily`;
  const log = find("#messages");
  log.replaceChildren();
  for (const message of world.messages(channelId, reader)) log.append(...withDay(message, log));
  log.scrollTop = log.scrollHeight;
}

/** The message, after a rule with the date where a day begins. */
function withDay(message, log) {
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "full" }).format(new Date(message.timestamp));
  const begins = log.dataset.day !== day || !log.childElementCount;
  log.dataset.day = day;
  const shown = messageElement(message, world, acts);
  return begins ? [h("p", { class: "day" }, h("span", {}, day)), shown] : [shown];
}

function showMessage({ detail: message }) {
  if (message.channel_id !== channelId || !visible(message, reader)) return;
  const log = find("#messages");
  const old = log.querySelector(`[data-id="${message.id}"]`);
  const mine = message.visible_to === reader.id;
  const atEnd = mine || log.scrollHeight - log.scrollTop - log.clientHeight < 160;
  if (old) replace(old, messageElement(message, world, acts));
  else log.append(...withDay(message, log));
  if (atEnd) log.scrollTop = log.scrollHeight;
}

/** Who had a button of the old one under the finger keeps it, or its message. */
function replace(old, fresh) {
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  if (held) (fresh.querySelector(`[data-custom-id="${CSS.escape(held.dataset.customId ?? "")}"]:not([disabled])`) ?? fresh).focus();
}

function openChannel(id) {
  channelId = id;
  showPlaces();
  composer.reset();
  document.body.classList.remove("places-open");
}

// --- what is done

const acts = {
  press: (message, button) => act(post("press", { who: reader.id, message_id: message.id, button })),
  choose: (message, select, values) => act(post("choose", { who: reader.id, message_id: message.id, select, values })),
  dismiss: (message) => world.forget(message.id),
  openThread: openChannel,
};

const composer = new Composer(find("#compose"), {
  commands: () => commands.filter((one) => one.default_member_permissions === null || manages(reader)),
  channels: () => world.channels(server()),
  complete: (name, focused, value, options) =>
    post("autocomplete", { who: reader.id, channel_id: channelId, name, focused, value, options }).catch(() => []),
  invoke: (name, options, taken) => act(post("invoke", { who: reader.id, channel_id: channelId, name, options }), taken),
  chat: (text) => notify(text.startsWith("/") ? `There is no command ${text}.` : "Nobody else is here to read that. Type / to talk to the bot."),
});

/** Until the bot has answered; the answer itself arrives as an event. Resolves to why it was refused, or to "".
 * `taken()` is called first, before a form that is opened. */
async function act(acting, taken = () => {}) {
  notify("");
  try {
    const reply = await acting;
    taken();
    const submit = (fields) => act(post("submit", { who: reader.id, interaction_id: reply.interaction_id, fields }));
    if (reply.modal) openModal(reply.modal, world.channels(server()), submit);
    return "";
  } catch (error) {
    notify(error.message);
    return error.message;
  }
}

function notify(sentence) {
  find("#notice").textContent = sentence;
}

// --- beginning

function toggles() {
  for (const [button, name] of [["#show-places", "places-open"], ["#show-panel", "panel-open"], ["#hide-panel", "panel-open"]])
    find(button).addEventListener("click", () => document.body.classList.toggle(name));
  find("#skip").addEventListener("click", (event) => {
    event.preventDefault();
    composer.focus();
  });
  find("#try").addEventListener("click", () => {
    document.body.classList.remove("panel-open");
    if (manages(reader)) composer.choose(commands.find((one) => one.name === "setquery"));
    else notify("Only who manages the server may choose. Be grace.");
  });
}

async function begin() {
  toggles();
  world.addEventListener("places", async () => {
    commands = await get("commands");
    showPlaces();
  });
  world.addEventListener("message", showMessage);
  world.addEventListener("gone", ({ detail: id }) => find(`[data-id="${id}"]`)?.remove());
  world.addEventListener("line", ({ detail: up }) => notify(up ? "" : "The sandbox has stopped. Start it again with make demo."));
  const panel = new Panel(world, () => world.servers[0].channels.find((one) => one.name === "papers"));
  await world.watch();
  setInterval(() => Promise.all([world.tick(), panel.look()]).catch(() => {}), BEAT);
}

begin();
