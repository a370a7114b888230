// A video's page beyond its HTML: the player's further buttons. No rule lives here.
"use strict";

const clip = () => find(".viewer video");
const frameOf = (video) => Math.floor(video.currentTime * video.dataset.fps + 0.01);

function step(video, frames) {
  video.pause();
  video.currentTime = Math.max(0, frameOf(video) + frames + 0.5) / video.dataset.fps;
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
function tell(video) {
  const rate = Math.round(video.dataset.fps);
  const seconds = Math.floor(frameOf(video) / rate);
  const parts = [Math.floor(seconds / 60), seconds % 60, frameOf(video) % rate];
  find("#timecode").value = parts.map((part) => String(part).padStart(2, "0")).join(":");
  if (find("#at") !== document.activeElement) find("#at").value = video.currentTime.toFixed(3);
  find('[data-do="loop"]').setAttribute("aria-pressed", video.loop);
  find('[data-do="mute"]').setAttribute("aria-pressed", video.muted);
}

for (const name of ["timeupdate", "seeking", "volumechange"]) {
  document.addEventListener(name, ({ target }) => target === clip() && tell(target), true);
}

document.addEventListener("change", ({ target }) => {
  if (target.name === "speed") clip().playbackRate = Number(target.value);
  if (target.id === "at") clip().currentTime = Number(target.value);
});

document.addEventListener("click", ({ target }) => {
  const word = target.closest(".transport [data-do]")?.dataset.do;
  if (!word) return;
  PLAYER[word](clip());
  tell(clip());
});
