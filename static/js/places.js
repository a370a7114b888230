// Settings and sign-in beyond their HTML: copy, show a password, ask for notices. No rule lives here.

"use strict";

const acts = {
  async copy(place, button) {
    await navigator.clipboard.writeText(place.textContent);
    button.textContent = button.dataset.done;
  },
  reveal(place, button) {
    place.type = place.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", place.type === "text");
  },
};

// Buttons that need this script are hidden without it.
for (const button of document.querySelectorAll("[data-copy], [data-reveal]")) {
  const [act, id] = Object.entries(button.dataset).find(([name]) => name in acts);
  button.hidden = act === "copy" && !navigator.clipboard;
  button.addEventListener("click", () => acts[act](document.getElementById(id), button));
}

document.querySelector("#id_notices")?.addEventListener("change", async ({ target }) => {
  if (!target.checked || (await Notification.requestPermission()) === "granted") return;
  target.checked = false;
  document.querySelector("#notices-refused").hidden = false;
});
