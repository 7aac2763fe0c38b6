// The search of the documentation: every word must be in a paper; titles count most.

const script = document.currentScript;
const field = document.getElementById("search");
const found = document.getElementById("found");
const SHOWN = 12;
let papers = null;

async function read() {
  papers ??= await (await fetch(script.dataset.words)).json();
  return papers;
}

function score({ title, text }, words) {
  const head = title.toLowerCase();
  const body = text.toLowerCase();
  if (!words.every((word) => head.includes(word) || body.includes(word))) return 0;
  return words.reduce((sum, word) => sum + (head.includes(word) ? 20 : 1), 0);
}

function entry({ place, title, text }, word) {
  const link = document.createElement("a");
  link.href = `/docs/${place}`;
  link.textContent = title;
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 40);
  const around = document.createElement("small");
  around.textContent = `…${text.slice(at, at + 120)}…`;
  const item = document.createElement("li");
  item.append(link, around);
  return item;
}

async function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = await read();
  const best = all
    .map((paper) => ({ paper, value: words.length === 0 ? 0 : score(paper, words) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, SHOWN);
  found.replaceChildren(...best.map(({ paper }) => entry(paper, words[0])));
  found.hidden = best.length === 0;
}

field.addEventListener("input", show);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") found.querySelector("a")?.click();
  if (event.key === "Escape") found.hidden = true;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || document.activeElement === field) return;
  event.preventDefault();
  field.focus();
});
