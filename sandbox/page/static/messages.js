/** One message as Discord shows it: head, text, embeds, buttons and selects. */
import { h } from "./dom.js";
import { inline, link, markdown } from "./markdown.js";
import { date } from "./moments.js";

const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const SILENT = 1 << 12;
const THREAD_CREATED = 18;
const THREAD_STARTER = 21;
const ROW = 1;
const BUTTON = 2;
const SELECT = 3;
const CHANNEL_SELECT = 8;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "away" };

/** `acts` has press(message, button), choose(message, select, values), dismiss(message), openThread(id). */
export function messageElement(message, world, acts) {
  const head = h(
    "header",
    {},
    h("span", { class: "author" }, message.author.username),
    message.author.bot ? h("span", { class: "app" }, "APP") : null,
    h("time", { datetime: message.timestamp }, date(new Date(message.timestamp), "t")),
    message.flags & SILENT ? h("span", { class: "silent", title: "Sent without a notification" }, "silent") : null,
  );
  return h(
    "article",
    { class: message.flags & EPHEMERAL ? "message ephemeral" : "message", "data-id": message.id, tabindex: "-1" },
    question(message),
    avatar(message.author),
    h("div", { class: "body" }, head, body(message, world), rows(message, world, acts), thread(message, acts), whisper(message, acts)),
  );
}

export function avatar(user) {
  return h("span", { class: user.bot ? "avatar bot" : "avatar", "aria-hidden": "true" }, user.bot ? "χ" : user.username[0].toUpperCase());
}

function question(message) {
  if (!message.deed) return null;
  const [verb, thing] = message.deed;
  return h("p", { class: "asked" }, h("b", {}, message.interaction_metadata.user.username), ` ${verb} `, h("span", { class: "mention" }, thing));
}

function body(message, world) {
  if (message.flags & LOADING) return h("p", { class: "thinking" }, `${message.author.username} is thinking…`);
  if (message.type === THREAD_CREATED) return h("p", {}, `started a thread: ${message.content}`);
  if (message.type === THREAD_STARTER) {
    return message.referenced_message ? body(message.referenced_message, world) : h("p", {}, "The message that this thread started from is gone.");
  }
  const edited = message.edited_timestamp && !(message.flags & EPHEMERAL);
  return [
    h("div", { class: "content" }, markdown(message.content, world), edited ? h("small", { class: "edited" }, "(edited)") : null),
    message.embeds.map((embed) => embedElement(embed, world)),
  ].flat();
}

function embedElement(embed, world) {
  const title = embed.title ? inline(embed.title, world) : [];
  const color = embed.color === undefined ? "" : `--bar: #${embed.color.toString(16).padStart(6, "0")}`;
  const shown = h(
    "section",
    { class: "embed" },
    embed.author ? h("p", { class: "embed-author" }, embed.author.name) : null,
    embed.title ? h("h3", {}, embed.url ? link(world.reached(embed.url), title) : title) : null,
    h("div", { class: "description" }, markdown(embed.description ?? "", world)),
    h("dl", {}, (embed.fields ?? []).map((field) => fieldElement(field, world))),
    embed.footer ? h("footer", {}, embed.footer.text) : null,
  );
  shown.style.cssText = color;
  return shown;
}

function fieldElement(field, world) {
  return h("div", { class: field.inline ? "inline" : "" }, h("dt", {}, inline(field.name, world)), h("dd", {}, markdown(field.value, world)));
}

function rows(message, world, acts) {
  const shown = (message.components ?? []).filter((row) => row.type === ROW);
  return shown.map((row) => h("div", { class: "row" }, row.components.map((one) => component(one, message, world, acts))));
}

function component(one, message, world, acts) {
  if (one.type === BUTTON) return button(one, message, world, acts);
  const chosen = (select) => acts.choose(message, one.custom_id, [...select.selectedOptions].map((option) => option.value));
  const select = selectElement(one, world.channels(world.servers[0]));
  select.setAttribute("aria-label", one.placeholder ?? "Choose");
  select.addEventListener("change", () => chosen(select));
  return select;
}

function button(one, message, world, acts) {
  const label = [one.emoji?.name, one.label].filter(Boolean).join(" ");
  if (one.url) return link(world.reached(one.url), [label, h("span", { "aria-hidden": "true" }, " ↗")], { class: "button away" });
  const name = one.label ? undefined : one.custom_id;
  return h(
    "button",
    {
      type: "button",
      class: `button ${STYLES[one.style]}`,
      disabled: one.disabled,
      "aria-label": name,
      "data-custom-id": one.custom_id,
      onclick: () => acts.press(message, one.custom_id),
    },
    label,
  );
}

/** A native select, in a message or in a modal: of options, or of channels. */
export function selectElement(one, channels) {
  const preset = new Set((one.default_values ?? []).map((each) => each.id));
  const wanted = one.channel_types ? channels.filter((each) => one.channel_types.includes(each.type)) : channels;
  const options =
    one.type === CHANNEL_SELECT
      ? wanted.map((each) => ({ value: each.id, label: `#${each.name}`, default: preset.has(each.id) }))
      : one.type === SELECT
        ? one.options
        : [];
  const many = (one.max_values ?? 1) > 1;
  const blank = many || options.some((each) => each.default) ? null : h("option", { value: "", disabled: true, selected: true }, one.placeholder ?? "Choose…");
  return h(
    "select",
    { "data-custom-id": one.custom_id, disabled: one.disabled, multiple: many },
    blank,
    options.map((each) => h("option", { value: each.value, selected: each.default, title: each.description }, each.label)),
  );
}

function thread(message, acts) {
  if (!message.thread) return null;
  return h("button", { type: "button", class: "thread", onclick: () => acts.openThread(message.thread.id) }, `Thread: ${message.thread.name} ›`);
}

function whisper(message, acts) {
  if (!(message.flags & EPHEMERAL)) return null;
  const dismiss = h("button", { type: "button", class: "plain", onclick: () => acts.dismiss(message) }, "Dismiss message");
  return h("p", { class: "whisper" }, "Only you can see this · ", dismiss);
}
