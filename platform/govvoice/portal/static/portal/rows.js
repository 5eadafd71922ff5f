// The play buttons in the rows of a list. Space and Enter press them as they press any button.

import { Sound, showPlaying } from "./sound.js";

const trouble = document.querySelector("[data-row-trouble]");

for (const button of document.querySelectorAll("[data-row-sound]")) {
  const sound = new Sound();
  sound.use(button.dataset.rowSound);
  for (const name of ["play", "pause", "ended"]) {
    sound.audio.addEventListener(name, () => {
      showPlaying(button, !sound.audio.paused);
      button.setAttribute("aria-pressed", String(!sound.audio.paused));
    });
  }
  button.addEventListener("click", async () => {
    trouble.textContent = "";
    try {
      await sound.toggle();
    } catch (error) {
      trouble.textContent = error.message;
    }
  });
}
