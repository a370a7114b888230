// What changes by itself on a page: polling, what went wrong on the way, focus. No rule lives here.

"use strict";

const MOST_WATCHED = 100;
const HIDDEN_PAUSE_MS = 15000;

const find = (selector) => document.querySelector(selector);

// Polling: tell which cards are shown and how they stand; go slower while nobody looks.

let polledAt = 0;

function watchedCards() {
  const cards = [...document.querySelectorAll("#grid [data-card]")].slice(0, MOST_WATCHED);
  return cards.map((card) => card.dataset.card).join(",");
}

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id === "updates") event.detail.parameters.set("cards", watchedCards());
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id !== "updates") return;
  const now = Date.now();
  if (document.hidden && now - polledAt < HIDDEN_PAUSE_MS) event.preventDefault();
  else polledAt = now;
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && find("#updates")) htmx.trigger("#updates", "refresh");
});

// What went wrong on the way is said in a strip; what was typed stays.

document.addEventListener("htmx:sendError", () => {
  find("#offline").hidden = false;
});

document.addEventListener("htmx:responseError", (event) => {
  find("#signed-out").hidden = event.detail.xhr.status !== 401;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) return;
  find("#offline").hidden = true;
});

// Focus stays near where it was when its element is replaced by one without it.

let left = null;

function rememberFocus(event) {
  const target = event.detail.target;
  if (!target.contains(document.activeElement) || document.activeElement === document.body) return;
  left = { id: target.id, before: target.previousElementSibling };
}

document.addEventListener("htmx:beforeSwap", rememberFocus);
document.addEventListener("htmx:oobBeforeSwap", rememberFocus);

document.addEventListener("htmx:afterSettle", () => {
  if (left && document.activeElement === document.body) {
    const place = document.getElementById(left.id) ?? left.before?.nextElementSibling ?? left.before;
    place?.querySelector("a, button, input, select, textarea")?.focus({ preventScroll: true });
  }
  left = null;
});
