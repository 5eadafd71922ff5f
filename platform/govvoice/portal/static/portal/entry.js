// One entry: its word and examples to be heard as it wants them, whether it is in force yet or not.

import { postJson } from "./server.js";
import { Sound, showPlaying } from "./sound.js";

const PLAIN = { emotion: "neutral", intensity: 1, rate: 1, pitch: 0, volume: 50 };

for (const root of document.querySelectorAll("[data-hear]")) {
  const { speak, voice, word, reading, replacement } = root.dataset;
  const trouble = root.querySelector("[data-trouble]");
  for (const button of root.querySelectorAll("[data-says]")) {
    const sound = new Sound();
    for (const name of ["play", "pause", "ended"]) {
      sound.audio.addEventListener(name, () => showPlaying(button, !sound.audio.paused));
    }
    button.addEventListener("click", async () => {
      trouble.textContent = "";
      try {
        const body = { ...PLAIN, voice, text: button.dataset.says, trials: [{ word, reading, replacement }] };
        if (!sound.url) sound.use((await postJson(speak, body)).audio);
        await sound.toggle();
      } catch (error) {
        trouble.textContent = error.message;
      }
    });
  }
}
