// A speaker's page: the samples of each voice by emotion, and those that are still being made.

import { mount } from "./player.js";
import { getJson } from "./server.js";
import { say } from "./words.js";

const ASK_EVERY = 1500; // milliseconds

class Samples {
  constructor(section) {
    this.section = section;
    this.sounds = JSON.parse(document.getElementById(section.dataset.voice).textContent);
    this.waiting = section.querySelector("[data-waiting]");
    const root = section.querySelector("[data-player]");
    if (!root) return;
    this.player = mount(root);
    this.radios = Array.from(section.querySelectorAll("input[type=radio]"));
    for (const radio of this.radios) radio.addEventListener("change", () => { this.choose(radio); this.player.play(); });
    this.begin();
  }

  /** Shows the first sample there is, and does not play it: nobody asked yet. */
  begin() {
    const first = this.radios.find((radio) => this.sounds[radio.value]);
    if (!first || this.player.told) return;
    first.checked = true;
    this.choose(first);
  }

  choose(radio) {
    const label = this.section.querySelector(`label[for="${CSS.escape(radio.id)}"]`);
    this.player.show(this.sounds[radio.value], { text: this.sounds[radio.value].text, settings: label.textContent });
  }

  learn(sounds, waits) {
    this.sounds = sounds;
    for (const radio of this.radios) radio.disabled = !sounds[radio.value];
    this.begin();
    if (!waits) this.waiting.textContent = "";
  }
}

const sections = new Map(Array.from(document.querySelectorAll("[data-voice]"), (section) => [section.dataset.voice, new Samples(section)]));
const asking = document.querySelector("[data-waits]")?.dataset.waits;

async function watch() {
  try {
    const told = await getJson(asking);
    for (const [code, sounds] of Object.entries(told.voices)) sections.get(code)?.learn(sounds, told.waits);
    if (!told.waits) return;
  } catch {
    for (const samples of sections.values()) samples.waiting.textContent = say("unreachable");
  }
  setTimeout(watch, ASK_EVERY);
}

if (asking) setTimeout(watch, ASK_EVERY);
