// What the studio page does beyond its HTML: polling, the picture slot, focus. No rule lives here.

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
  if (event.target.id === "composer") clearErrors(event.target);
});

function clearErrors(form) {
  for (const error of form.querySelectorAll(".error")) error.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

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

// The picture slot: a preview, Remove, and pasting an image anywhere.

function showPicture() {
  const preview = find(".preview");
  const image = preview.querySelector("img");
  const [file] = find("#picture").files;
  if (image.src) URL.revokeObjectURL(image.src);
  preview.hidden = !file;
  if (file) image.src = URL.createObjectURL(file);
  else image.removeAttribute("src");
}

function setPicture(files) {
  const input = find("#picture");
  input.files = files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("change", (event) => {
  if (event.target.id === "picture") showPicture();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest(".preview button")) return;
  setPicture(new DataTransfer().files);
  find("#picture").focus();
});

document.addEventListener("paste", (event) => {
  const image = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
  if (!image) return;
  event.preventDefault();
  const picture = new DataTransfer();
  picture.items.add(image);
  setPicture(picture.files);
});

// Ctrl+Enter asks for the video. One video plays at a time.

document.addEventListener("keydown", (event) => {
  const isChord = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (isChord && event.target.closest("#composer") && !find("#go").disabled) find("#go").click();
});

document.addEventListener("play", (event) => {
  for (const video of document.querySelectorAll("video")) {
    if (video !== event.target) video.pause();
  }
}, true);
