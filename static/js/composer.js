// The form beyond its HTML: counter, slots, paste, earlier prompts, draft. No rule lives here.

"use strict";

Idiomorph.defaults.ignoreActiveValue = true; // what is typed meanwhile stays

const form = find("#composer");
const prompt = find("#prompt");
const addresses = new WeakMap();
let [isDirty, isStale, earlier, place, refused] = [false, false, null, 0, {}];

function count() {
  const [length, most] = [prompt.value.length, find("#controls").dataset.most];
  const isOver = find("#length").classList.toggle("over", length > most);
  const told = isOver ? ` · ${find("#length").dataset.over} ${length - most}` : "";
  find("#length").textContent = `${length}/${most}${told}`;
}

function write(text) {
  prompt.value = text;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
}

// A slot shows what was chosen, and says what it cannot take before anything is sent.

function show(input) {
  const preview = input.closest(".slot").querySelector(".preview");
  preview.hidden = !input.files.length;
  preview.firstElementChild.replaceChildren(...[...input.files].map((file) => {
    if (!file.type.startsWith("image/")) return file.name;
    if (!addresses.has(file)) addresses.set(file, URL.createObjectURL(file));
    return Object.assign(new Image(), { src: addresses.get(file), alt: file.name });
  }));
  if (refused[input.name]) find(`#error-${input.name}`).textContent = refused[input.name];
}

function fill(input, files) {
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

form.addEventListener("change", ({ target }) => {
  isStale ||= Boolean(target.closest("#controls"));
  if (target.type !== "file") return;
  const { wrong, large, bytes } = target.dataset;
  const files = [...target.files];
  const isWrong = files.some((file) => !target.accept.split(",").includes(file.type));
  const isLarge = files.reduce((sum, file) => sum + file.size, 0) > bytes;
  if (isWrong || isLarge) target.value = "";
  find(`#error-${target.name}`).textContent = "";
  refused[target.name] = isWrong ? wrong : isLarge ? large : "";
  show(target);
}, true);

document.addEventListener("click", ({ target }) => {
  const { words, slot } = target.closest("[data-words], [data-slot]")?.dataset ?? {};
  if (words) write([prompt.value.trimEnd(), words].filter(Boolean).join(", "));
  if (slot && find(`#file-${slot}`)) find(`#file-${slot}`).value = "";
  const input = target.closest(".preview button")?.closest(".slot").querySelector("[type=file]");
  if (input) fill(input, []);
  input?.focus();
});

document.addEventListener("paste", (event) => {
  const image = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
  const input = find("#file-input_reference") ?? find('.slot [data-kind^="image"]');
  if (!image || !input) return;
  event.preventDefault();
  fill(input, [image]);
});

// Ctrl+Enter asks for the video; arrows bring earlier prompts back.

form.addEventListener("keydown", async (event) => {
  const isChord = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (isChord && !find("#go").disabled) find("#go").click();
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (event.target !== prompt || !step || !(event.altKey || (step > 0 && !prompt.value))) return;
  event.preventDefault();
  earlier ??= [prompt.value, ...(await (await fetch(form.dataset.prompts)).json()).prompts];
  place = Math.min(Math.max(place + step, 0), earlier.length - 1);
  write(earlier[place]);
});

// What is refused gets the focus; what was asked for is no draft any more; what was typed is one.

form.addEventListener("htmx:afterRequest", ({ detail }) => {
  const wrong = detail.xhr.status === 422 ? [...form.querySelectorAll(".error:not(:empty)")] : [];
  const fields = wrong.map((each) => find(`[aria-describedby~="${each.id}"]`) ?? each);
  for (const field of fields) field.setAttribute("aria-invalid", "true");
  fields[0]?.closest("details")?.setAttribute("open", "");
  (fields[0]?.querySelector(":checked") ?? fields[0])?.focus();
});

// An answer about choices that have changed since is no answer; the next request is waiting.

document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target.id === "controls") isStale = false;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig.elt.id === "controls" && isStale) event.preventDefault();
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  form.querySelectorAll("[type=file]").forEach(show);
  count();
  if (target.id === "picker") target.showPopover();
  if (target.id === "controls") find("#picker:popover-open")?.hidePopover();
});

form.addEventListener("composed", () => {
  for (const each of form.querySelectorAll(".error")) each.textContent = "";
  for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  [isDirty, earlier, place, refused] = [false, null, 0, {}];
  if (find("#seed")?.value && !find("#seed-lock").checked) {
    find("#seed").value = "";
    find("#seed").dispatchEvent(new Event("change", { bubbles: true }));
  }
  find("#sheet:modal")?.close();
});

form.addEventListener("input", () => {
  isDirty = true;
  count();
});

addEventListener("pagehide", () => {
  const draft = new FormData(form);
  for (const { name } of form.querySelectorAll("[type=file]")) draft.delete(name);
  if (isDirty) navigator.sendBeacon(form.dataset.draft, draft);
});
