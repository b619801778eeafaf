/** A list of suggestions under a text field: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ */
import { h } from "./dom.js";

let lists = 0;

export class Suggestions {
  #active = -1;
  #choices = [];

  /** `pick(choice)` gets one of what `show` was given: {"label", "detail"} and whatever else. */
  constructor(input, place, pick) {
    this.input = input;
    this.pick = pick;
    this.list = h("ul", { role: "listbox", id: `suggestions-${++lists}`, class: "suggestions", hidden: true, "aria-label": "Suggestions" });
    place.append(this.list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["autocomplete", "off"]])
      input.setAttribute(name, value);
    input.setAttribute("aria-controls", this.list.id);
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => this.show([]));
  }

  /** With `first` the first one is taken by Enter at once. */
  show(choices, { first = false } = {}) {
    this.#choices = choices;
    this.list.replaceChildren(...choices.map((choice, place) => this.#option(choice, place)));
    this.list.hidden = choices.length === 0;
    this.input.setAttribute("aria-expanded", String(choices.length > 0));
    this.#mark(first && choices.length ? 0 : -1);
  }

  #option(choice, place) {
    const detail = choice.detail ? h("small", {}, choice.detail) : null;
    const take = (event) => {
      event.preventDefault();
      this.#take(place);
    };
    return h("li", { role: "option", id: `${this.list.id}-${place}`, onpointerdown: take }, h("span", {}, choice.label), detail);
  }

  #key(event) {
    const count = this.#choices.length;
    if (!count || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#mark((this.#active + step + count) % count);
    else if (event.key === "Escape") this.show([]);
    else if ((event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) && this.#active >= 0) this.#take(this.#active);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #take(place) {
    const choice = this.#choices[place];
    this.show([]);
    this.pick(choice);
  }

  #mark(place) {
    this.#active = place;
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === place)));
    this.list.children[place]?.scrollIntoView({ block: "nearest" });
    if (place >= 0) this.input.setAttribute("aria-activedescendant", `${this.list.id}-${place}`);
    else this.input.removeAttribute("aria-activedescendant");
  }
}
