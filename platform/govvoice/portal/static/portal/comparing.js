// 对比试听: one text by several voices, one player each. What a voice refuses stands in its own place.

import { mount } from "./player.js";
import { postJson } from "./server.js";
import { onCtrlEnter } from "./speaking.js";
import { say } from "./words.js";

const settings = JSON.parse(document.getElementById("editor-settings").textContent);
const PLAIN = { intensity: 1, rate: 1, pitch: 0, volume: 50 };

const form = document.querySelector("[data-compare]");
const button = form.querySelector("[data-speak]");
const status = form.querySelector("[data-progress]");
const places = new Map(Array.from(form.querySelectorAll("[data-result]"), (place) => [place.dataset.result, place]));
const players = new Map(Array.from(places, ([code, place]) => [code, mount(place.querySelector("[data-player]"))]));

const field = (name) => form.querySelector(`[data-field=${name}] [data-error]`);
const emotionName = (voice, code) => voice.emotions.find(([one]) => one === code)?.[1] ?? code;

/** The voices to be heard; null when the form says what is missing. */
function chosen() {
  const codes = new FormData(form).getAll("voices");
  const fits = codes.length >= 2 && codes.length <= settings.limit_voices;
  field("voice").textContent = fits ? "" : say("compare_count", { most: settings.limit_voices });
  field("text").textContent = form.elements.text.value.trim() ? "" : say("text_empty");
  return fits && form.elements.text.value.trim() ? codes : null;
}

async function speak(code, text, emotion) {
  const place = places.get(code);
  const refused = place.querySelector("[data-refused]");
  const voice = settings.voices[code];
  try {
    const told = await postJson(settings.speak, { ...PLAIN, text, emotion, voice: code });
    players.get(code).show(told, { text, settings: `${voice.tag} · ${emotionName(voice, emotion)}` });
    refused.hidden = true;
    return true;
  } catch (error) {
    players.get(code).root.hidden = true;
    refused.textContent = say("compare_refused", { name: voice.name, reason: error.message });
    refused.hidden = false;
    return false;
  }
}

async function compare() {
  const codes = button.getAttribute("aria-disabled") === "true" ? null : chosen();
  if (!codes) return;
  const [text, emotion] = [form.elements.text.value, new FormData(form).get("emotion")];
  button.setAttribute("aria-disabled", "true");
  status.textContent = say("comparing", { count: codes.length });
  for (const [code, place] of places) {
    place.hidden = !codes.includes(code);
    if (place.hidden) players.get(code).sound.pause();
  }
  const spoken = await Promise.all(codes.map((code) => speak(code, text, emotion)));
  status.textContent = say("compared", { count: spoken.filter(Boolean).length });
  button.removeAttribute("aria-disabled");
}

form.addEventListener("submit", (event) => { event.preventDefault(); compare(); });
onCtrlEnter(form, compare);
