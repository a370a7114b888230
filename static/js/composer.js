// The form beyond its HTML: the picture slot, the keyboard. No rule lives here.

"use strict";

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
