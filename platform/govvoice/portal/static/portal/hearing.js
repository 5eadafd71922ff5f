// Which parts of a sound were really played. The browser's own `played` counts a jump before the sound was
// loaded as played, so this goes by the clock: what passed no faster than time itself was heard.

const SLOTS = 10; // a second
const SLACK = 0.3; // seconds: how far the player's clock may run ahead between two looks at it

export class Hearing {
  constructor(seconds) {
    this.slots = new Uint8Array(Math.max(1, Math.floor(seconds * SLOTS)));
  }

  /** Seconds heard so far, each counted once. */
  get seconds() {
    return this.slots.reduce((sum, slot) => sum + slot, 0) / SLOTS;
  }

  /** The sound plays and stands at `now`. */
  reach(now) {
    const clock = performance.now() / 1000;
    const passed = this.last ? now - this.last.now : -1;
    if (passed >= 0 && passed <= clock - this.last.clock + SLACK) {
      this.slots.fill(1, Math.floor(this.last.now * SLOTS), Math.ceil(now * SLOTS));
    }
    this.last = { now, clock };
  }

  /** It stops or jumps: what lies between here and the next place is not heard. */
  leave() {
    this.last = null;
  }
}
