// Keys: the rows of the "?" list say which, and what of the page to press for them.
"use strict";

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select";
const FIELDS = "textarea, [type=search]";

// Of the grid what has the focus; of a video's page and the header all; else what is to be seen.
function isReachable(element) {
  const card = element.closest(".card");
  if (card) return card.contains(document.activeElement);
  return Boolean(element.closest(".detail, .bar")) || element.checkVisibility();
}

function isOthers({ key, target }) {
  if (find("dialog[open], :popover-open")) return true;
  const isNative = key.startsWith("Arrow") && target.matches("video, [type=radio]");
  const isTyped = key !== "Escape" && target.closest(TYPING);
  return isNative || isTyped || (key === " " && !target.matches('[data-do~="open"]'));
}

function move(event) {
  const cards = [...document.querySelectorAll(".grid .card")];
  const here = cards.findIndex((card) => card.contains(event.target));
  if (here < 0) return;
  const columns = cards.filter((card) => card.offsetTop === cards[0].offsetTop).length;
  const [ArrowLeft, ArrowRight, Home, End] = [here - 1, here + 1, 0, cards.length - 1];
  const [ArrowUp, ArrowDown] = [here - columns, here + columns];
  const place = { ArrowLeft, ArrowRight, ArrowUp, ArrowDown, Home, End }[event.key];
  cards[place]?.querySelector('[data-do~="open"]').focus();
  event.preventDefault();
}

function press(event, words) {
  if (event.defaultPrevented || isOthers(event)) return;
  if (words[0] === "move") return move(event);
  const found = words.flatMap((word) => [...document.querySelectorAll(`[data-do~="${word}"]`)]);
  const all = found.filter(isReachable);
  const tests = [(each) => each.matches(FIELDS), (each) => !each.closest(".card"), () => true];
  const target = tests.map((test) => all.find(test)).find(Boolean);
  if (target || words[0].startsWith("go_")) event.preventDefault();
  if (!target && event.key === "Escape") document.activeElement.blur();
  if (target?.matches(FIELDS)) return target.focus();
  const shiftKey = event.shiftKey && target?.type === "checkbox";
  target?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey }));
  if (target?.matches("summary")) target.parentElement.querySelector("button").focus();
}

for (const { dataset } of document.querySelectorAll("#shortcuts [data-keys]")) {
  const does = (event) => press(event, dataset.press.split(" "));
  for (const key of dataset.keys.split("|")) tinykeys.tinykeys(window, { [key]: does });
}
