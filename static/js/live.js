// What changes by itself on a page: polling, what went wrong on the way, focus. No rule lives here.

"use strict";

const HIDDEN_PAUSE_MS = 15000;

const find = (selector) => document.querySelector(selector);

// Polling: at once after anything was done, slower while nobody looks.

let polledAt = 0;
let isMissed = false;

function poll() {
  isMissed = find("#updates")?.classList.contains("htmx-request");
  if (!isMissed) htmx.trigger("#updates", "refresh");
}

document.addEventListener("changed", poll);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id !== "updates") return;
  const now = Date.now();
  if (document.hidden && now - polledAt < HIDDEN_PAUSE_MS) event.preventDefault();
  else polledAt = now;
});

// What went wrong on the way is said in a strip; what was typed stays.

document.addEventListener("htmx:sendError", () => {
  find("#offline").hidden = false;
});

document.addEventListener("htmx:responseError", (event) => {
  find("#signed-out").hidden = event.detail.xhr.status !== 401;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.id === "updates" && isMissed) setTimeout(poll);
  if (!event.detail.successful) return;
  find("#offline").hidden = true;
});

// Focus stays on its element, or goes to the link of the card that lost it.

let left = null;

function rememberFocus({ detail: { target } }) {
  const active = document.activeElement;
  if (target.contains(active) && active !== document.body) left = [active.id, target.id];
}

document.addEventListener("htmx:beforeSwap", rememberFocus);
document.addEventListener("htmx:oobBeforeSwap", rememberFocus);

document.addEventListener("htmx:afterSettle", () => {
  if (left && document.activeElement === document.body) {
    const [own, around] = left.map((id) => document.getElementById(id));
    const link = around?.querySelector(".prompt a") ?? around?.querySelector("a, button, input");
    (own ?? link)?.focus({ preventScroll: true });
  }
  left = null;
});

// Buttons that need a script are hidden without it. Times are in the reader's own zone; without
// this they are in UTC, and say so.

function enhance() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    time.title = moment.toLocaleString();
    time.textContent = time.closest(".timeline") ? moment.toLocaleTimeString() : time.title;
  }
  for (const note of document.querySelectorAll(".utc")) note.remove();
  for (const each of document.querySelectorAll("[data-copy], [data-reveal], .transport > [hidden]")) {
    each.hidden = "copy" in each.dataset && !navigator.clipboard;
  }
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy], [data-reveal], [data-dialog]");
  const { copy, reveal, dialog, done } = button?.dataset ?? {};
  const about = document.getElementById(copy ?? reveal ?? dialog);
  if (dialog) about.showModal();
  if (reveal) {
    about.type = about.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", about.type === "text");
  }
  if (copy) {
    await navigator.clipboard.writeText(about.textContent);
    button.textContent = done;
  }
});

document.addEventListener("change", async ({ target }) => {
  if (target.id !== "id_notices" || !target.checked) return;
  target.checked = (await Notification.requestPermission()) === "granted";
  find("#notices-refused").hidden = target.checked;
});

document.addEventListener("htmx:afterSettle", enhance);
enhance();
