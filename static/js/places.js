// Settings and sign-in beyond their HTML: copy, show a password, ask for notices. No rule lives here.

"use strict";

// Buttons that need this script are hidden without it.
for (const button of document.querySelectorAll("[data-copy], [data-reveal]")) {
  button.hidden = Boolean(button.dataset.copy) && !navigator.clipboard;
  button.addEventListener("click", () => (button.dataset.copy ? copy(button) : reveal(button)));
}

async function copy(button) {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = button.dataset.done;
}

function reveal(button) {
  const field = document.getElementById(button.dataset.reveal);
  const isShown = field.type === "password";
  field.type = isShown ? "text" : "password";
  button.setAttribute("aria-pressed", isShown);
}

document.querySelector("#id_notices")?.addEventListener("change", async ({ target }) => {
  if (!target.checked || (await Notification.requestPermission()) === "granted") return;
  target.checked = false;
  document.querySelector("#notices-refused").hidden = false;
});
