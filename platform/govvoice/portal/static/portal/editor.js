// The editor that the desk and the broadcast's page share: text with count and marks, speaker, emotion, sliders.

import { Readings } from "./readings.js";
import { Sound, showPlaying } from "./sound.js";
import { postJson } from "./server.js";
import { say } from "./words.js";

export const settings = JSON.parse(document.getElementById("editor-settings").textContent);

const CARRIED = "govvoice.carried"; // the desk's text on its way to a new broadcast
const NUMBERS = ["intensity", "rate", "pitch", "volume"];
const SECONDS_PER_CHARACTER = 0.22; // until a result tells better

const characters = (text) => Array.from(text);

export class Editor {
  constructor(form) {
    this.form = form;
    this.text = form.elements.text;
    this.backdrop = form.querySelector("[data-backdrop]");
    this.category = form.elements.category; // a broadcast has one, the desk has none
    this.pace = SECONDS_PER_CHARACTER;
    const channels = () => new FormData(form).getAll("channels");
    const source = { text: () => this.text.value, voice: () => this.values().voice, channels };
    this.readings = new Readings(form.querySelector("[data-readings]"), source);
    this.text.addEventListener("input", () => { this.clear("text"); this.count(); this.readings.changed(); });
    this.text.addEventListener("scroll", () => this.align());
    new ResizeObserver(() => this.align()).observe(this.text);
    for (const field of form.querySelectorAll(".gv-slider")) this.tie(field);
    for (const radio of form.querySelectorAll("input[name=voice]")) radio.addEventListener("change", () => this.fit());
    this.category?.addEventListener("change", () => this.takeCategory());
    for (const box of form.querySelectorAll("input[name=channels]")) box.addEventListener("change", () => this.readings.changed());
    for (const button of form.querySelectorAll("[data-sample]")) this.offerSample(button);
    form.addEventListener("input", () => this.estimate());
    this.fit();
    this.count();
    const { position } = form.querySelector("[data-field=text]").dataset;
    if (position !== undefined) this.mark(Number(position));
  }

  // --- what is set ---

  values() {
    const data = new FormData(this.form);
    const plain = { text: this.text.value, voice: data.get("voice") ?? "", emotion: data.get("emotion") ?? "" };
    const numbers = NUMBERS.map((name) => [name, Number(data.get(name))]);
    const kind = this.category ? { category: this.category.value } : {};
    return { ...plain, ...kind, ...Object.fromEntries(numbers) };
  }

  /** One line on how it is spoken, to tell two results apart. */
  describe(values) {
    const voice = settings.voices[values.voice];
    const emotion = voice?.emotions.find(([code]) => code === values.emotion);
    return say("settings", { ...values, voice: voice?.name ?? values.voice, emotion: emotion?.[1] ?? values.emotion });
  }

  carry() {
    sessionStorage.setItem(CARRIED, JSON.stringify(this.values()));
  }

  /** Whether there was something on its way here; it is set then. */
  takeCarried() {
    const carried = JSON.parse(sessionStorage.getItem(CARRIED) ?? "null");
    sessionStorage.removeItem(CARRIED);
    if (carried) this.set(carried);
    return Boolean(carried);
  }

  set(values) {
    this.text.value = values.text;
    for (const name of ["voice", "emotion"]) {
      const radio = this.form.querySelector(`input[name=${name}][value="${CSS.escape(values[name])}"]`);
      if (radio) radio.checked = true;
    }
    for (const name of NUMBERS) {
      this.form.elements[name].value = values[name];
      this.form.elements[name].dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.fit();
    this.count();
  }

  // --- text ---

  count() {
    const length = characters(this.text.value).length;
    const shown = this.form.querySelector("[data-count]");
    shown.textContent = length;
    shown.toggleAttribute("data-over", length > settings.limit);
    if (length > settings.limit) this.wrong("text", say("text_too_long", { over: length - settings.limit }));
    this.estimate();
  }

  estimate() {
    const length = characters(this.text.value.replace(/\s/g, "")).length;
    const rate = Number(this.form.elements.rate.value) || 1;
    this.form.querySelector("[data-estimate]").textContent = Math.round((length * this.pace) / rate);
  }

  /** Corrects the estimate by what a result really took. */
  learn(values, spoken) {
    const length = characters(values.text.replace(/\s/g, "")).length;
    if (length >= 4) this.pace = (spoken * values.rate) / length;
  }

  /** Why the text cannot be spoken as it stands, before the server is asked; empty when it may be. */
  objection() {
    const length = characters(this.text.value).length;
    if (!this.text.value.trim()) return say("text_empty");
    return length > settings.limit ? say("text_too_long", { over: length - settings.limit }) : "";
  }

  // --- what is wrong, beside its field ---

  refuse(error) {
    const placed = error.errors.filter((one) => this.wrong(one.field, one.message, one.position));
    return placed.length > 0;
  }

  wrong(name, sentence, position = null) {
    const field = this.form.querySelector(`[data-field="${CSS.escape(name)}"]`);
    if (!field) return false;
    field.classList.add("gv-field--wrong");
    field.querySelector("[data-error]").textContent = sentence;
    const control = name === "text" ? this.text : field.querySelector("input, select");
    control.setAttribute("aria-invalid", "true");
    if (name === "text" && position !== null) this.mark(position);
    return true;
  }

  clear(name) {
    const field = this.form.querySelector(`[data-field="${name}"]`);
    field.classList.remove("gv-field--wrong");
    field.querySelector("[data-error]").textContent = "";
    field.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
    if (name === "text") this.backdrop.replaceChildren();
  }

  clearAll() {
    for (const field of this.form.querySelectorAll("[data-field]")) {
      if (field.querySelector("[data-error]")) this.clear(field.dataset.field);
    }
  }

  /** Underlines one character: the same text lies behind the field, transparent but for its line. */
  mark(position) {
    const signs = characters(this.text.value);
    const mark = document.createElement("mark");
    mark.textContent = signs[position] ?? "";
    this.backdrop.replaceChildren(signs.slice(0, position).join(""), mark, signs.slice(position + 1).join(""));
    this.align();
    const behind = signs.slice(0, position + 1).join("").length;
    this.text.focus();
    this.text.setSelectionRange(behind, behind);
  }

  align() {
    this.backdrop.style.width = `${this.text.clientWidth}px`;
    this.backdrop.scrollTop = this.text.scrollTop;
  }

  // --- voice ---

  /** Only what the chosen voice can do is offered. */
  fit() {
    const voice = settings.voices[this.values().voice];
    if (!voice) return;
    const rule = settings.categories?.[this.category?.value];
    const able = voice.emotions.map(([code]) => code);
    const offered = new Set(rule ? able.filter((code) => rule.emotions.includes(code)) : able);
    if (rule) this.form.querySelector("[data-category-note]").textContent = rule.note;
    for (const radio of this.form.querySelectorAll("input[name=emotion]")) radio.disabled = !offered.has(radio.value);
    const free = this.form.querySelector("input[name=emotion]:enabled"); // none: the server says what the voice can do
    if (!offered.has(this.values().emotion) && free) free.checked = true;
    const [low, high] = voice.pitch;
    for (const input of this.form.querySelectorAll("[data-field=pitch] input")) Object.assign(input, { min: low, max: high });
  }

  /** A kind of announcement brings its usual emotion and strength along. */
  takeCategory() {
    this.clear("category");
    const { emotion, intensity } = settings.categories[this.category.value].default;
    const usual = this.form.querySelector(`input[name=emotion][value="${CSS.escape(emotion)}"]`);
    if (usual) usual.checked = true;
    this.form.elements.intensity.value = intensity;
    this.form.elements.intensity.dispatchEvent(new Event("input", { bubbles: true }));
    this.clear("emotion");
    this.fit();
  }

  tie(field) {
    const [range, number] = [field.querySelector("[data-range]"), field.querySelector("[data-number]")];
    range.addEventListener("input", () => { number.value = range.value; this.clear(field.dataset.field); });
    number.addEventListener("input", () => { range.value = number.value; this.clear(field.dataset.field); });
    field.querySelector("[data-reset]").addEventListener("click", (event) => {
      number.value = event.currentTarget.dataset.reset;
      number.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  offerSample(button) {
    const sound = new Sound();
    for (const name of ["play", "pause", "ended"]) {
      sound.audio.addEventListener(name, () => showPlaying(button, !sound.audio.paused));
    }
    button.addEventListener("click", async () => {
      try {
        if (!sound.url) sound.use(await this.sampleOf(button.dataset.sample));
        await sound.toggle();
      } catch (error) {
        this.wrong("voice", error.message);
      }
    });
  }

  async sampleOf(code) {
    const plain = { emotion: "neutral", intensity: 1, rate: 1, pitch: 0, volume: 50 };
    return (await postJson(settings.speak, { ...plain, voice: code, text: settings.voices[code].sample })).audio;
  }
}
