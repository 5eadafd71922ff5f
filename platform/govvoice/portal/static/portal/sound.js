// One audio element per player or row, and the rule that only one of them sounds at a time.

import { Refused, getBlob } from "./server.js";
import { say } from "./words.js";

let sounding = null;

export class Sound {
  constructor() {
    this.audio = new Audio();
    this.audio.preload = "auto";
    this.url = null;
    this.audio.addEventListener("play", () => {
      if (sounding && sounding !== this) sounding.pause();
      sounding = this;
    });
  }

  /** The sound behind `url` from now on; it is fetched when it is first played. */
  use(url) {
    if (this.url === url) return;
    this.pause();
    if (this.audio.src) URL.revokeObjectURL(this.audio.src);
    this.audio.removeAttribute("src");
    this.url = url;
    this.loading = null;
  }

  // As a whole and not by ranges: a few hundred kilobytes, and a refusal arrives as a sentence this way.
  load() {
    this.loading ??= getBlob(this.url).then((blob) => this.take(blob));
    this.loading.catch(() => { this.loading = null; });
    return this.loading;
  }

  take(blob) {
    return new Promise((resolve, reject) => {
      this.audio.onloadedmetadata = resolve;
      this.audio.onerror = () => reject(new Refused(say("unplayable")));
      this.audio.src = URL.createObjectURL(blob);
    });
  }

  async play() {
    await this.load();
    try {
      await this.audio.play();
    } catch (error) {
      if (error.name !== "AbortError") throw new Refused(say("unplayable"));
    }
  }

  pause() {
    this.audio.pause();
  }

  async toggle() {
    if (this.audio.paused) await this.play();
    else this.pause();
  }
}

/** Shows in a button which of its two pictures holds now. */
export function showPlaying(button, playing) {
  button.querySelector("[data-when=paused]").hidden = playing;
  button.querySelector("[data-when=playing]").hidden = !playing;
}
