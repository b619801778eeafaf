/** The line where one types: a slash, a command out of the list, then its options by name. */
import { h } from "./dom.js";
import { selectElement } from "./messages.js";
import { Suggestions } from "./suggestions.js";

const TEXT = 3;
const WHOLE = 4;
const CHANNEL = 7;
const PAUSE = 120; // milliseconds without a key before the bot is asked

export class Composer {
  /** `host` has commands(), channels(), complete(name, focused, value, options), invoke(name, options), placeholder(). */
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
    const input = h("input", { type: "text", id: "composer", "aria-label": "Message or command", placeholder: this.host.placeholder() });
    this.form.replaceChildren(input);
    this.list = new Suggestions(input, this.form, (choice) => this.choose(choice.command));
    input.addEventListener("input", () => this.#offer(input.value));
    input.addEventListener("focus", () => this.#offer(input.value));
    this.input = input;
  }

  /** Somebody else types now, or elsewhere: what is begun goes on. */
  rename() {
    this.input.placeholder = this.host.placeholder();
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

  /** What was filled in, as the control routes take it. */
  #options(except) {
    const given = {};
    for (const option of this.command.options ?? []) {
      const text = this.form.elements[option.name]?.value.trim();
      if (text && option.name !== except) given[option.name] = option.type === TEXT || option.type === CHANNEL ? text : Number(text);
    }
    return given;
  }

  #send() {
    if (!this.command) return this.host.chat(this.input.value);
    this.host.invoke(this.command.name, this.#options());
    return this.#leave();
  }
}
