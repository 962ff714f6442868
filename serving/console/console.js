// Single keys for what the page has as buttons and fields anyway: `data-key` names the key. Nothing else depends on it.
"use strict";
const STORED = "pointsman-single-keys";
const shown = (one) => one && one.checkVisibility();
const fields = "input:not([type=checkbox]), select, textarea";
const areOn = () => localStorage.getItem(STORED) !== "off";

function press(one) {
  if (one.dataset.opens) return document.getElementById(one.dataset.opens).showModal();
  if (one.dataset.toggle) return void (one.value = one.value === one.dataset.toggle ? "" : one.dataset.toggle);
  if (one.matches(fields)) return one.focus();
  one.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  const at = document.activeElement;
  if (at.matches(fields)) {
    if (event.key === "Escape") at.blur();
    // A list of choices does not send its form by itself.
    if (event.key === "Enter" && at.matches("select") && at.form) {
      event.preventDefault();
      at.form.requestSubmit(at.form.querySelector("button"));
    }
    return;
  }
  if (!areOn() || document.querySelector("dialog[open]")) return;
  const free = at === document.body || at.id === "main" || at.matches("[role=region]");
  const key = event.key === "Enter" ? (free ? "y" : "") : event.key.toLowerCase();
  const one = key && [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(shown);
  if (!one) return;
  event.preventDefault();
  press(one);
});

document.addEventListener("DOMContentLoaded", () => {
  for (const one of document.querySelectorAll("[data-opens]")) {
    one.hidden = false;
    one.addEventListener("click", () => press(one));
  }
  const box = document.getElementById("single-keys");
  if (box) {
    box.checked = areOn();
    box.addEventListener("change", () => localStorage.setItem(STORED, box.checked ? "on" : "off"));
  }
  // Twice pressed is once said.
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    });
  }
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
