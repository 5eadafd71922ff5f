// A new or changed entry: what the reading looks like with its tone marks, what it collides with, how it sounds.

import { postJson } from "./server.js";
import { Sound, showPlaying } from "./sound.js";
import { say } from "./words.js";

const PAUSE = 300; // milliseconds without a keystroke
const PLAIN = { emotion: "neutral", intensity: 1, rate: 1, pitch: 0, volume: 50 };

const form = document.querySelector("[data-lexicon]");
const part = (name) => form.querySelector(`[data-${name}]`);
const value = (name) => form.elements[name].value.trim();

/** The entry as it stands, of reading and replacement only the chosen one. */
function entry() {
  const way = form.elements.way.value;
  const chosen = (name) => (way === name ? value(name) : "");
  return { word: value("word"), reading: chosen("reading"), replacement: chosen("replacement") };
}

function showWay() {
  for (const block of form.querySelectorAll("[data-way]")) block.hidden = block.dataset.way !== form.elements.way.value;
}

// --- looked at while it is typed ---

let waiting = null;
let asked = null;

async function check() {
  const now = entry();
  if (!now.word && !now.reading && !now.replacement) return;
  asked?.abort();
  asked = new AbortController();
  try {
    const place = { place: value("place"), entry: form.dataset.entry ?? "" };
    show(now, await postJson(form.dataset.check, { ...now, ...place }, asked.signal));
  } catch (error) {
    if (error.name !== "AbortError") part("live-problem").textContent = error.message;
  }
}

function show(now, told) {
  const complete = now.word && (now.reading || now.replacement);
  part("marked").textContent = told.marked;
  const refused = form.querySelector(".gv-field--wrong"); // the server has said it already, beside the field
  part("live-problem").textContent = complete && !refused ? told.problem : "";
  const list = part("conflicts");
  list.textContent = told.conflicts.join(" ");
  list.hidden = told.conflicts.length === 0;
}

/** What was wrong with a field is no longer known once it is written anew. */
function forgive(field) {
  field?.classList.remove("gv-field--wrong");
  field?.querySelector(".gv-error")?.replaceChildren();
}

form.addEventListener("input", (event) => {
  forgive(event.target.closest(".gv-field--wrong"));
  showWay();
  clearTimeout(waiting);
  waiting = setTimeout(check, PAUSE);
});

// --- heard before it is saved ---

function row(text, label) {
  const item = part("heard-row").content.firstElementChild.cloneNode(true);
  const button = item.querySelector("button");
  const sound = new Sound();
  button.setAttribute("aria-label", label);
  item.lastElementChild.textContent = text;
  for (const name of ["play", "pause", "ended"]) sound.audio.addEventListener(name, () => showPlaying(button, !sound.audio.paused));
  button.addEventListener("click", () => sound.toggle().catch(fail));
  part("heard").append(item);
  return sound;
}

function fail(error) {
  part("progress").textContent = "";
  part("trouble").textContent = error.message;
}

async function speak(text, trial) {
  return postJson(form.dataset.speak, { ...PLAIN, voice: part("voice").value, text, trials: [trial] });
}

async function listen() {
  const now = entry();
  const lines = value("examples").split("\n").map((line) => line.trim()).filter(Boolean);
  part("trouble").textContent = "";
  part("heard").replaceChildren();
  const begun = performance.now();
  const tick = setInterval(() => {
    part("progress").textContent = say("speaking", { seconds: ((performance.now() - begun) / 1000).toFixed(0) });
  }, PAUSE);
  part("listen").disabled = true;
  try {
    for (const [index, text] of [now.word, ...lines].entries()) {
      const told = await speak(text, now);
      const sound = row(text, say(index ? "trial_example" : "trial_word", { text }));
      sound.use(told.audio);
      if (index === 0) await sound.play();
    }
    part("progress").textContent = "";
  } catch (error) {
    fail(error);
  } finally {
    clearInterval(tick);
    part("progress").textContent = "";
    part("listen").disabled = false;
  }
}

part("listen")?.addEventListener("click", listen);
showWay();
check();
