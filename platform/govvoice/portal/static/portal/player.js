// The player: waveform from the server's peaks, phrases that light up while spoken, keyboard, downloads.

import { Hearing } from "./hearing.js";
import { Sound, showPlaying } from "./sound.js";
import { say } from "./words.js";

const WIDTH = 240; // of the waveform's view box
const LEAP = 2; // seconds an arrow key moves
const HEARD = 0.95; // share of the sound that counts as all of it: the last look comes before its last moment

const seconds = (value) => value.toFixed(1);
const hertz = (rate) => rate.toLocaleString("en"); // 24,000

function bars(peaks) {
  const step = WIDTH / peaks.length;
  return peaks.map((peak, place) => {
    const height = Math.max(2, peak * 0.96);
    return `M${(place + 0.5) * step} ${50 - height / 2}v${height}`;
  }).join("");
}

function phraseText(text, [start, end]) {
  return Array.from(text).slice(start, end).join("").trim();
}

export class Player {
  constructor(root) {
    this.root = root;
    this.sound = new Sound();
    this.find = (name) => root.querySelector(`[data-${name}]`);
    this.find("play").addEventListener("click", () => this.toggle());
    this.find("seek").addEventListener("input", (event) => { this.audio.currentTime = Number(event.target.value); });
    root.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.playing());
    for (const name of ["timeupdate", "seeked"]) this.audio.addEventListener(name, () => this.progress());
    for (const name of ["seeking", "pause"]) this.audio.addEventListener(name, () => this.hearing.leave());
    this.audio.addEventListener("ended", () => this.ended());
  }

  get audio() {
    return this.sound.audio;
  }

  /** Shows what the server told of a sound. `text` is what was spoken, `settings` a line on how. */
  show(told, { text = told.text ?? "", settings = "" } = {}) {
    this.told = told;
    this.shown = { text, settings };
    this.hearing = new Hearing(told.seconds);
    this.sound.use(told.audio);
    this.trouble("");
    this.find("settings").textContent = settings;
    this.find("length").textContent = seconds(told.seconds);
    this.find("seek").max = told.seconds;
    this.draw();
    this.listPhrases(text);
    this.listDownloads();
    this.find("facts").textContent = told.cache
      ? say("facts", { cache: told.cache, milliseconds: told.milliseconds, rate: hertz(told.sampleRate) })
      : `${hertz(told.sampleRate)} Hz`;
    this.root.hidden = false;
    this.progress();
  }

  draw() {
    const path = bars(this.told.peaks);
    for (const wave of this.root.querySelectorAll(".gv-wave__all path, .gv-wave__played path")) wave.setAttribute("d", path);
    const cuts = this.told.marks.slice(1).map(([, , begin]) => `M${(begin / this.told.seconds) * WIDTH} 0v100`);
    this.root.querySelector(".gv-wave__marks path").setAttribute("d", cuts.join(""));
  }

  listPhrases(text) {
    this.chips = this.told.marks.map((mark, place) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.textContent = phraseText(text, mark);
      chip.title = say("phrase", { number: place + 1, text: chip.textContent });
      chip.addEventListener("click", () => this.playFrom(mark[2]));
      return chip;
    });
    this.find("phrases").replaceChildren(...this.chips.map((chip) => {
      const item = document.createElement("li");
      item.append(chip);
      return item;
    }));
  }

  listDownloads() {
    const links = this.told.formats.map((format) => {
      const link = this.find("download").content.firstElementChild.cloneNode(true);
      const word = format.toUpperCase();
      link.href = `${this.told.audio}?save&format=${format}`;
      link.querySelector("span").textContent = word;
      link.setAttribute("aria-label", say("download", { format: word }));
      return link;
    });
    this.find("downloads").replaceChildren(...links);
  }

  async play() {
    await this.tried(() => this.sound.play());
  }

  async playFrom(moment) {
    await this.tried(async () => {
      await this.sound.load();
      this.audio.currentTime = moment;
      await this.sound.play();
    });
  }

  async toggle() {
    await this.tried(() => this.sound.toggle());
  }

  async tried(act) {
    try {
      await act();
      this.trouble("");
    } catch (error) {
      this.trouble(error.message);
    }
  }

  trouble(sentence) {
    this.find("trouble").textContent = sentence;
    this.find("trouble").hidden = !sentence;
  }

  key(event) {
    const onControl = event.target.closest("button, a");
    if (event.key === " " && !onControl) this.toggle();
    else if (event.key === "ArrowLeft" && !onControl) this.audio.currentTime -= LEAP;
    else if (event.key === "ArrowRight" && !onControl) this.audio.currentTime += LEAP;
    else return;
    event.preventDefault();
  }

  playing() {
    const playing = !this.audio.paused;
    showPlaying(this.find("play"), playing);
    this.find("play").setAttribute("aria-label", say(playing ? "pause" : "play"));
    this.find("play-word").textContent = say(playing ? "pause" : "play");
    if (playing) this.follow();
  }

  /** While it plays, once a frame: `timeupdate` comes only four times a second. */
  follow() {
    this.progress();
    if (!this.audio.paused) requestAnimationFrame(() => this.follow());
  }

  progress() {
    const now = Math.min(this.audio.currentTime, this.told.seconds);
    const seek = this.find("seek");
    seek.value = now;
    seek.setAttribute("aria-valuetext", say("position", { now: seconds(now), length: seconds(this.told.seconds) }));
    this.find("now").textContent = seconds(now);
    this.root.style.setProperty("--played", `${(now / this.told.seconds) * 100}%`);
    this.told.marks.forEach(([, , begin, finish], place) => {
      const spoken = now > 0 && now >= begin && now < finish;
      this.chips[place].toggleAttribute("data-spoken", spoken);
      if (spoken) this.chips[place].setAttribute("aria-current", "true");
      else this.chips[place].removeAttribute("aria-current");
    });
    if (!this.audio.paused && !this.audio.seeking) this.hearing.reach(now);
    this.root.dispatchEvent(new CustomEvent("heard", { detail: { seconds: this.hearing.seconds } }));
  }

  ended() {
    if (this.hearing.seconds >= this.told.seconds * HEARD) this.root.dispatchEvent(new CustomEvent("heardall"));
  }
}

/** The player of `root`, already showing the sound that the page carries for it. */
export function mount(root) {
  const player = new Player(root);
  const carried = document.getElementById(root.dataset.sound ?? "");
  if (carried) player.show(JSON.parse(carried.textContent));
  return player;
}
