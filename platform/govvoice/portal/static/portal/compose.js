// 新建播报 and 编辑: the desk's editor in a form, and the finished audio's progress.

import { Editor, settings } from "./editor.js";
import { mount } from "./player.js";
import { getJson } from "./server.js";
import { Speaking, onCtrlEnter } from "./speaking.js";
import { say } from "./words.js";

const ASK_EVERY = 1000; // milliseconds
const UNFINISHED = ["queued", "making"];

const form = document.querySelector("[data-compose]");
const editor = new Editor(form);
const speaking = new Speaking(editor, form);
const preview = mount(form.querySelector("[data-slot=preview]"));

async function listen() {
  const result = await speaking.ask();
  if (!result) return;
  preview.show(result.told, { text: result.values.text, settings: editor.describe(result.values) });
  await preview.play();
}

form.querySelector("[data-speak]").addEventListener("click", listen);
onCtrlEnter(form, listen);

// --- whose voice it begins with ---

const usualVoice = editor.values().voice;
let voiceIsChosen = Boolean(settings.status);
for (const radio of form.querySelectorAll("input[name=voice]")) radio.addEventListener("change", () => { voiceIsChosen = true; });

/** A new broadcast for one channel is offered that channel's voice, until somebody has chosen one himself. */
function offerVoice() {
  if (voiceIsChosen) return;
  const ticked = form.querySelectorAll("input[name=channels]:checked");
  const voice = (ticked.length === 1 && ticked[0].dataset.defaultVoice) || usualVoice;
  const radio = form.querySelector(`input[name=voice][value="${CSS.escape(voice)}"]`);
  if (!radio) return;
  radio.checked = true;
  editor.fit();
}

for (const box of form.querySelectorAll("input[name=channels]")) box.addEventListener("change", offerVoice);

// --- unsaved work ---

const saved = new URLSearchParams(new FormData(form)).toString();
if (!settings.status && editor.takeCarried()) voiceIsChosen = true;
const spokenBefore = JSON.stringify(editor.values());
let leaving = false;

const isChanged = () => new URLSearchParams(new FormData(form)).toString() !== saved;

form.addEventListener("submit", () => { leaving = true; });
addEventListener("beforeunload", (event) => {
  if (isChanged() && !leaving) event.preventDefault();
});

form.addEventListener("input", () => {
  const outdated = form.dataset.hasAudio !== undefined && JSON.stringify(editor.values()) !== spokenBefore;
  if (form.dataset.hasAudio !== undefined) {
    form.querySelector("[data-make]").disabled = !outdated && form.dataset.outdated === undefined;
    form.querySelector("[data-submit]").disabled = outdated;
  }
  const note = form.querySelector("[data-changed]");
  note.textContent = outdated ? say("changed") : isChanged() ? say("unsaved") : "";
  note.hidden = !note.textContent;
});

// --- the finished audio ---

const panel = form.querySelector("[data-making]");

async function watch(begun = performance.now()) {
  try {
    const told = await getJson(settings.status);
    if (!UNFINISHED.includes(told.state)) {
      if (!isChanged()) location.reload();
      return;
    }
    panel.querySelector("[data-word]").textContent = say("making", {
      word: told.word,
      seconds: Math.round((performance.now() - begun) / 1000),
    });
    panel.querySelector("[data-bar]").style.width = `${told.progress}%`;
    panel.querySelector("[role=progressbar]").setAttribute("aria-valuenow", told.progress);
  } catch (error) {
    panel.querySelector("[data-word]").textContent = error.message;
  }
  setTimeout(() => watch(begun), ASK_EVERY);
}

const finished = form.querySelector("[data-slot=finished]");
if (finished) mount(finished);
if (panel) watch();
