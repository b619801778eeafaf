/** A form that the bot asks somebody to fill in. */
import { h } from "./dom.js";
import { selectElement } from "./messages.js";

const TEXT = 4;
const LABEL = 18;
const LONG = 2;

/** `submit(fields)` gets the values by custom_id, and resolves to why they were refused, if so: then the form stays. */
export function openModal(modal, channels, submit) {
  const heading = h("h2", { id: "modal-title" }, modal.title);
  const cancel = h("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, "Cancel");
  const send = h("button", { type: "submit", class: "button primary" }, "Submit");
  const refusal = h("p", { role: "alert" });
  const form = h("form", {}, heading, modal.components.map((one) => field(one, channels)), refusal, h("div", { class: "row" }, cancel, send));
  const dialog = h("dialog", { "aria-labelledby": "modal-title", onclose: () => dialog.remove() }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    refusal.textContent = await submit(values(form));
    if (!refusal.textContent) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function field(sent, channels) {
  const one = sent.type === LABEL ? sent.component : sent.components?.[0];
  if (!one) return h("p", {}, sent.content ?? "");
  const label = sent.label ?? one.label;
  const hint = sent.description ? h("small", {}, sent.description) : null;
  return h("label", {}, h("span", {}, label, one.required === false ? "" : " *"), hint, control(one, channels));
}

function control(one, channels) {
  if (one.type !== TEXT) return selectElement(one, channels);
  const shared = {
    "data-custom-id": one.custom_id,
    required: one.required !== false,
    minlength: one.min_length,
    maxlength: one.max_length,
    placeholder: one.placeholder,
  };
  return one.style === LONG ? h("textarea", { ...shared, rows: 4 }, one.value ?? "") : h("input", { ...shared, type: "text", value: one.value });
}

function values(form) {
  const filled = [...form.querySelectorAll("[data-custom-id]")].map((input) => [
    input.dataset.customId,
    input.tagName === "SELECT" ? [...input.selectedOptions].map((option) => option.value).filter(Boolean) : input.value,
  ]);
  return Object.fromEntries(filled);
}
