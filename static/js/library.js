// The library beyond its HTML: where cards go, previews, selection, what goes away by itself, title.

"use strict";

// What people opened or ticked, and a preview that plays, outlive an answer.

Object.assign(Idiomorph.defaults.callbacks, {
  beforeAttributeUpdated: (name, node) => name !== "open" && !(name === "checked" && node.closest(".pick")),
  beforeNodeRemoved: (node) => node.id !== "preview",
});

// A card that the page does not show gets a place, once, if its place is on the page.

const kept = new Set();

function makePlace(card) {
  const grid = find("#grid");
  const { place } = card.dataset;
  const comesAfter = (other) => (grid.dataset.order === "asc" ? other > place : other < place);
  const next = [...grid.children].find((each) => comesAfter(each.dataset.place ?? place));
  const isBeyond = !next && grid.querySelector(".more");
  if (!place || isBeyond || (next === grid.firstElementChild && "behind" in grid.dataset)) return false;
  grid.insertBefore(document.createElement("li"), next ?? null).id = card.id;
  return true;
}

document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (target.id !== "updates" || !detail.shouldSwap) return;
  const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html");
  for (const each of answer.querySelectorAll("[hx-swap-oob]")) {
    if (document.getElementById(each.id) || makePlace(each)) continue;
    if ("new" in each.dataset) kept.add(each.id);
    each.remove();
  }
  detail.serverResponse = answer.body.innerHTML;
  const pill = find("#pill");
  pill.hidden = !kept.size;
  pill.textContent = (kept.size > 1 ? pill.dataset.many : pill.dataset.one).replace("#", kept.size);
});

// One preview at a time, on hover by a mouse or on focus by the keyboard.

let wait, preview;

function stop() {
  clearTimeout(wait);
  preview?.removeAttribute("src");
  preview?.load();
  preview?.remove();
  preview = null;
}

function play(card) {
  if (preview && preview.closest(".card") === card) return;
  stop();
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches
    || document.documentElement.dataset.motion === "reduced" || navigator.connection?.saveData;
  if (!card?.dataset.clip || isStill) return;
  wait = setTimeout(() => {
    const settings = { id: "preview", muted: true, loop: true, playsInline: true, src: card.dataset.clip };
    preview = Object.assign(document.createElement("video"), settings);
    card.querySelector(".poster").append(preview);
    preview.play().catch(() => {});
  }, 120);
}

document.addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType === "mouse") play(target.closest(".card"));
});
document.addEventListener("focusin", ({ target }) => {
  if (target.matches(":focus-visible")) play(target.closest(".card"));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") stop();
  if (event.key !== " " || !event.target.matches('[data-do~="preview"]')) return;
  event.preventDefault(); // the link would open the video's page
  play(event.target.closest(".card"));
});

// Selection: a range with Shift, and how many.

let last;

function countTicked() {
  find("#selected").textContent = document.querySelectorAll(".pick :checked").length;
}

document.addEventListener("click", ({ target, shiftKey }) => {
  if (target.closest("[data-close]")) target.closest(".toast").remove();
  if (!target.matches(".pick input")) return;
  const boxes = [...document.querySelectorAll(".pick input")];
  const [from, to] = [boxes.indexOf(last), boxes.indexOf(target)].sort((a, b) => a - b);
  if (shiftKey && from >= 0) for (const box of boxes.slice(from, to)) box.checked = target.checked;
  last = target;
  countTicked();
});
document.addEventListener("reset", () => setTimeout(countTicked));
document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  if (detail.successful && target.closest("#selection")) find("#selection").reset();
});

// Toasts and marks have some seconds left, which do not pass while somebody is at them.

setInterval(() => {
  for (const each of document.querySelectorAll("[data-left]:not(:hover, :focus-within)")) {
    each.dataset.left -= 1;
    if (each.dataset.left < 1) each.remove();
  }
  for (const old of [...document.querySelectorAll(".toast")].slice(0, -3)) old.remove();
}, 1000);

// The title says how many run and, in a hidden tab, that the last is over; a notice if asked for.

const title = document.title;
let running = 0;

function tell() {
  const { dataset } = find("#updates");
  const isOver = running > 0 && dataset.running === "0" && document.hidden;
  running = Number(dataset.running);
  if (running) document.title = `(${running}) ${title}`;
  else if (isOver) document.title = `✓ ${dataset.ready} · ${title}`;
  else if (!document.hidden) document.title = title;
}

function notify() {
  const { dataset } = find("#updates");
  if (!document.hidden || !("notices" in dataset) || Notification.permission !== "granted") return;
  new Notification(title, { body: find("#live").innerText, tag: "rushes" });
  if ("sound" in dataset) {
    const context = new AudioContext();
    const tone = context.createOscillator();
    tone.connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 0.15);
  }
}

document.addEventListener("htmx:afterSettle", tell);
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  if (detail.target.id === "live") notify();
});
document.addEventListener("visibilitychange", () => {
  tell();
  if (!document.hidden) poll();
});
tell();
