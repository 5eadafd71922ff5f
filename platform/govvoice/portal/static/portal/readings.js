// 读音: a text with its pinyin above it; a click on a character shows how else it may be read, tries that in
// the preview, or takes it to the lexicon.

import { postJson } from "./server.js";
import { say } from "./words.js";

const PAUSE = 400; // milliseconds without a keystroke before the text is read again
const EXAMPLE = 100; // characters of the sentence that go with a proposal
const ENDS = /[^。！？；!?;\n]*[。！？；!?;\n]?/g;

const characters = (text) => Array.from(text);

/** The sentence around a place, counted in code points. */
function sentenceAt(text, place) {
  let begun = 0;
  for (const [sentence] of text.matchAll(ENDS)) {
    begun += characters(sentence).length;
    if (begun > place) return characters(sentence.trim()).slice(0, EXAMPLE).join("");
  }
  return "";
}

export class Readings {
  /** `source` tells the page's text(), the code of its voice() and those of its channels(). */
  constructor(root, source) {
    Object.assign(this, { root, source, trials: [], pieces: [] });
    this.part = (name) => root.querySelector(`[data-readings-${name}]`);
    this.toggle = this.part("toggle");
    this.shown = this.part("text");
    this.panel = this.part("popover");
    this.toggle.addEventListener("click", () => this.open(this.part("panel").hidden));
    this.shown.addEventListener("click", (event) => this.choose(event.target.closest("button")));
    this.shown.addEventListener("keydown", (event) => this.walk(event));
    this.panel.addEventListener("input", () => this.check());
    this.panel.addEventListener("keydown", (event) => this.keys(event));
    this.panel.addEventListener("click", (event) => this.press(event));
    this.part("trials")?.addEventListener("click", (event) => this.forget(event.target.closest("button")));
  }

  /** What goes into a request of this page's, so that its channels' readings and those on trial count. */
  get inForce() {
    return { channels: this.source.channels(), trials: this.trials };
  }

  get isOpen() {
    return !this.part("panel").hidden;
  }

  open(on) {
    this.part("panel").hidden = !on;
    this.toggle.setAttribute("aria-pressed", String(on));
    this.shut();
    if (on) this.read();
  }

  /** The text has changed: read it again once the typing rests. */
  changed() {
    clearTimeout(this.typing);
    this.shut();
    if (this.isOpen) this.typing = setTimeout(() => this.read(), PAUSE);
  }

  async read() {
    this.asked?.abort();
    this.asked = new AbortController();
    const body = { text: this.source.text(), voice: this.source.voice(), ...this.inForce };
    try {
      const told = body.text.trim() ? await postJson(this.root.dataset.url, body, this.asked.signal) : { pieces: [] };
      this.part("trouble").textContent = body.text.trim() ? "" : say("readings_empty");
      this.show(body.text, told.pieces);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.show(body.text, []);
      this.part("trouble").textContent = error.message;
    }
  }

  // --- the text ---

  show(text, pieces) {
    Object.assign(this, { text, pieces });
    this.shown.replaceChildren(...pieces.map((piece, index) => this.drawn(piece, index)));
    const first = this.shown.querySelector("button");
    if (first) first.tabIndex = 0; // one stop for the Tab key; the arrows go on from there
  }

  drawn(piece, index) {
    if (piece.kind === "silent") return document.createTextNode(piece.text);
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: `gv-ruby gv-ruby--${piece.kind}`, tabIndex: -1 });
    button.dataset.index = index;
    button.toggleAttribute("data-hard", Boolean(piece.hard));
    button.setAttribute("aria-label", this.named(piece));
    const ruby = document.createElement("ruby");
    const above = document.createElement("rt");
    above.textContent = piece.pinyin ?? "?";
    ruby.append(piece.text, above);
    button.append(ruby);
    if (piece.said) button.append(Object.assign(document.createElement("small"), { textContent: piece.said }));
    return button;
  }

  named(piece) {
    if (piece.kind === "unreadable") return say("reading_none", piece);
    return say(piece.said ? "reading_said" : piece.hard ? "reading_hard" : "reading_plain", piece);
  }

  walk(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.shown.querySelectorAll("button")];
    const next = buttons[buttons.indexOf(document.activeElement) + step];
    if (!next) return;
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  }

  // --- one character ---

  choose(button) {
    if (!button) return;
    this.shut();
    this.chosen = button;
    button.setAttribute("aria-expanded", "true");
    const piece = this.pieces[Number(button.dataset.index)];
    const [start, end] = piece.word ?? [piece.start, piece.start + characters(piece.text).length];
    const inside = this.pieces.filter((one) => one.start >= start && one.start < end);
    this.syllables = inside.map((one) => one.base ?? "");
    this.place = inside.indexOf(piece);
    this.piece = piece;
    this.fill(piece, characters(this.text).slice(start, end).join(""));
    this.panel.hidden = false;
    this.put(button);
    this.panel.focus();
    this.check();
  }

  fill(piece, word) {
    const bySound = piece.kind === "read";
    this.part("heading").textContent = this.named(piece);
    this.part("word").value = word;
    this.part("reading").value = bySound ? this.syllables.join(" ") : "";
    this.part("replacement").value = bySound ? "" : (piece.said ?? "");
    this.part("reading").closest(".gv-field").hidden = !bySound;
    this.part("replacement").closest(".gv-field").hidden = bySound;
    this.part("candidates").replaceChildren(...(piece.candidates ?? []).map(([base, marked]) => this.candidate(base, marked, piece)));
  }

  candidate(base, marked, piece) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "gv-chip", textContent: marked });
    button.dataset.base = base;
    button.setAttribute("aria-pressed", String(base === piece.base));
    return button;
  }

  /** Below the character, and within the panel. */
  put(button) {
    const frame = this.part("panel").getBoundingClientRect();
    const sign = button.getBoundingClientRect();
    const left = Math.min(sign.left - frame.left, frame.width - this.panel.offsetWidth);
    Object.assign(this.panel.style, { left: `${Math.max(0, left)}px`, top: `${sign.bottom - frame.top + 6}px` });
  }

  press(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.base) this.take(button);
    else if (button === this.part("shut")) this.shut(true);
    else if (button === this.part("try")) this.attempt();
  }

  take(button) {
    this.syllables[this.place] = button.dataset.base;
    this.part("reading").value = this.syllables.join(" ");
    for (const other of this.part("candidates").children) other.setAttribute("aria-pressed", String(other === button));
    this.check();
  }

  keys(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.shut(true);
    } else if (event.key === "Enter" && event.target.tagName === "INPUT") {
      event.preventDefault(); // the form around must not go off
      if (this.part("try")) this.attempt();
    }
  }

  shut(back = false) {
    if (this.panel.hidden) return;
    this.panel.hidden = true;
    this.chosen?.setAttribute("aria-expanded", "false");
    if (back) this.chosen?.focus();
  }

  entry() {
    const [word, reading, replacement] = ["word", "reading", "replacement"].map((name) => this.part(name).value.trim());
    return { word, reading, replacement };
  }

  /** What the server thinks of it; and where the link to the lexicon leads. */
  async check() {
    const entry = this.entry();
    const link = this.part("propose");
    if (link) link.href = `${this.root.dataset.propose}?${new URLSearchParams({ ...entry, examples: sentenceAt(this.text, this.piece.start) })}`;
    clearTimeout(this.checking);
    this.checking = setTimeout(async () => {
      const told = await postJson(this.root.dataset.check, entry).catch((error) => ({ problem: error.message }));
      this.part("marked").textContent = told.marked ?? "";
      this.part("problem").textContent = told.problem ?? "";
    }, PAUSE / 2);
  }

  // --- tried in the preview ---

  async attempt() {
    const entry = this.entry();
    try {
      const told = await postJson(this.root.dataset.check, entry);
      if (told.problem) {
        this.part("problem").textContent = told.problem;
        return;
      }
      const others = this.trials.filter((one) => one.word !== entry.word);
      this.trials = [{ word: entry.word, reading: told.reading, replacement: entry.replacement }, ...others];
      this.shut(true);
      this.showTrials();
    } catch (error) {
      this.part("problem").textContent = error.message;
    }
  }

  forget(button) {
    if (!button) return;
    this.trials = this.trials.filter((one) => one.word !== button.dataset.word);
    this.showTrials();
  }

  showTrials() {
    this.part("trial-row").hidden = !this.trials.length;
    this.part("trials").replaceChildren(...this.trials.map(({ word, reading, replacement }) => {
      const said = reading || replacement;
      const chip = document.createElement("button");
      Object.assign(chip, { type: "button", className: "gv-chip", textContent: `${word}：${said} ✕` });
      chip.dataset.word = word;
      chip.setAttribute("aria-label", say("reading_forget", { word, reading: said }));
      return chip;
    }));
    this.read();
  }
}
