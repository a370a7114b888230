// A video's page beyond its HTML: the player's further buttons, copying, times. No rule lives here.

"use strict";

const clip = () => find(".viewer video");

function step(video, frames) {
  const fps = Number(video.dataset.fps);
  video.pause();
  video.currentTime = Math.max(0, Math.floor(video.currentTime * fps + 0.01) + frames + 0.5) / fps;
}

const PLAYER = {
  play: (video) => (video.paused ? video.play() : video.pause()),
  back: (video) => { video.currentTime -= 1; },
  forward: (video) => { video.currentTime += 1; },
  frame_back: (video) => step(video, -1),
  frame_forward: (video) => step(video, 1),
  loop: (video) => { video.loop = !video.loop; },
  mute: (video) => { video.muted = !video.muted; },
  fullscreen: (video) => video.requestFullscreen(),
};

// What the player does is told beside it, whoever made it do so.
function tell() {
  const [video, at] = [clip(), find("#at")];
  const frame = Math.floor(video.currentTime * video.dataset.fps + 0.01);
  const [seconds, rest] = [Math.floor(frame / video.dataset.fps), frame % Math.round(video.dataset.fps)];
  const parts = [Math.floor(seconds / 60), seconds % 60, rest];
  find("#timecode").value = parts.map((part) => String(part).padStart(2, "0")).join(":");
  if (at !== document.activeElement) at.value = video.currentTime.toFixed(3);
  find('[data-do="loop"]').setAttribute("aria-pressed", video.loop);
  find('[data-do="mute"]').setAttribute("aria-pressed", video.muted);
}

for (const name of ["timeupdate", "seeking", "volumechange"]) {
  document.addEventListener(name, (event) => event.target === clip() && tell(), true);
}

document.addEventListener("change", ({ target }) => {
  if (target.name === "speed") clip().playbackRate = Number(target.value);
  if (target.id === "at") clip().currentTime = Number(target.value);
});

document.addEventListener("click", async ({ target }) => {
  const button = target.closest(".transport [data-do], [data-copy]");
  if (button?.dataset.do) { PLAYER[button.dataset.do](clip()); tell(); }
  if (!button?.dataset.copy) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = button.dataset.done;
});

// Times are in the reader's own zone; without this script they are in UTC, and say so.
function enhance() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    const isLong = "long" in time.dataset;
    time.textContent = isLong ? moment.toLocaleString() : moment.toLocaleTimeString();
    time.title = moment.toLocaleString();
  }
  for (const note of document.querySelectorAll(".utc")) note.remove();
  for (const part of document.querySelectorAll(".transport > [hidden]")) part.hidden = false;
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}

document.addEventListener("htmx:afterSettle", enhance);
enhance();
