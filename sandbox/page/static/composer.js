/** The line where one types: a slash, a command out of the list, then its options by name. */
import { h } from "./dom.js";
import { selectElement } from "./messages.js";
import { Suggestions } from "./suggestions.js";
import { typedOptions } from "./typed.js";

const TEXT = 3;
const WHOLE = 4;
const CHANNEL = 7;
const PAUSE = 120; // milliseconds without a key before the bot is asked
const BEGUN = /^\/(\S+)\s(.*)$/su;

export class Composer {
  /** `host` has commands(), channels(), complete(name, focused, value, options), invoke(name, options, taken), chat(text). */
  constructor(form, host) {
    this.form = form;
    this.host = host;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.reset();
  }

  reset() {
    this.command = null;
    const input = h("input", { type: "text", id: "composer", "aria-label": "Message or command", placeholder: "Type / for commands" });
    this.form.replaceChildren(input);
    this.list = new Suggestions(input, this.form, (choice) => this.choose(choice.command));
    input.addEventListener("input", () => this.#typed(input.value));
    input.addEventListener("focus", () => this.#offer(input.value));
    this.input = input;
  }

  focus() {
    this.form.querySelector("input, select")?.focus();
  }

  /** A whole name and a space choose the command. */
  #typed(text) {
    const [, name, rest] = text.match(BEGUN) ?? [];
    const command = this.host.commands().find((one) => one.name === name);
    if (!command) return this.#offer(text);
    this.choose(command);
    const first = this.form.querySelector(".option input, .option select");
    if (first) this.#spread(first.name, rest);
  }

  #offer(typed) {
    const wanted = typed.startsWith("/") ? this.host.commands().filter((one) => one.name.startsWith(typed.slice(1).trim())) : [];
    const shown = wanted.map((command) => ({ label: `/${command.name}`, detail: command.description, command }));
    this.list.show(shown, { first: true });
  }

  choose(command) {
    this.command = command;
    const cancel = h("button", { type: "button", class: "plain", "aria-label": "Leave this command", onclick: () => this.#leave() }, "✕");
    const send = h("button", { type: "submit", class: "button primary" }, "Send");
    this.form.replaceChildren(h("span", { class: "pill" }, `/${command.name}`));
    this.form.append(...(command.options ?? []).map((option) => this.#field(option)), send, cancel);
    (this.form.querySelector("input, select") ?? send).focus();
  }

  #field(option) {
    const input = option.type === CHANNEL ? this.#channels(option) : this.#text(option);
    input.name = option.name;
    input.addEventListener("input", () => this.#spread(option.name, input.value));
    if (option.autocomplete || option.choices) this.#completed(option, input);
    input.addEventListener("keydown", (event) => event.key === "Escape" && this.#leave()); // unless it closed the suggestions
    return h("label", { class: "option", title: option.description }, h("span", {}, option.name), input);
  }

  #channels(option) {
    return selectElement({ type: 8, channel_types: option.channel_types, placeholder: "this channel" }, this.host.channels());
  }

  #text(option) {
    const kind = option.type === WHOLE ? { inputmode: "numeric" } : { maxlength: option.max_length };
    return h("input", { type: "text", placeholder: option.description, required: option.required, autocomplete: "off", ...kind });
  }

  /** What was typed into one option goes into those that it names: "5 query:cat:cs.LG". */
  #spread(place, text) {
    const fields = this.form.elements;
    for (const { name, value } of typedOptions(text, place, this.command.options.map((option) => option.name))) {
      const field = fields[name];
      const meant = field.tagName === "SELECT" ? [...field.options].find((one) => one.label.replace("#", "") === value.trim().replace("#", ""))?.value : value;
      if (meant !== undefined && field.value !== meant) field.value = meant;
      if (name !== place) field.focus();
    }
  }

  #completed(option, input) {
    const list = new Suggestions(input, this.form, (choice) => (input.value = choice.value));
    let asked = 0;
    const ask = async () => {
      const turn = ++asked;
      const own = (option.choices ?? []).filter((one) => one.name.toLowerCase().includes(input.value.toLowerCase()));
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (turn !== asked) return;
      const found = option.choices ? own : await this.host.complete(this.command.name, option.name, input.value, this.#options(option.name));
      if (turn === asked && document.activeElement === input) list.show(found.map((one) => ({ label: one.name, value: String(one.value) })));
    };
    input.addEventListener("input", ask);
    input.addEventListener("focus", ask);
    this.form.addEventListener("submit", () => (asked += 1));
  }

  #leave() {
    this.reset();
    this.input.focus();
  }

  /** What was filled in, as the control routes take it; what is no number goes as it was typed, to be refused in its own words. */
  #options(except) {
    const given = {};
    for (const option of this.command.options ?? []) {
      const text = this.form.elements[option.name]?.value.trim();
      const worded = option.type === TEXT || option.type === CHANNEL || Number.isNaN(Number(text));
      if (text && option.name !== except) given[option.name] = worded ? text : Number(text);
    }
    return given;
  }

  /** The line stays as it is until the bot has answered, and is sent once. */
  async #send() {
    if (!this.command) return this.host.chat(this.input.value);
    const line = this.form.firstChild;
    if (this.waiting === line) return;
    this.waiting = line;
    await this.host.invoke(this.command.name, this.#options(), () => line.isConnected && this.#leave());
    this.waiting = null;
  }
}
