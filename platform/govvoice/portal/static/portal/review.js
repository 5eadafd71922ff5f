// 审核: 通过 opens when the finished audio was played to its end.

import { mount } from "./player.js";
import { Readings } from "./readings.js";
import { postForm } from "./server.js";
import { say } from "./words.js";

const root = document.querySelector("[data-slot=finished]");
const player = root ? mount(root) : null;
const bar = document.querySelector("[data-decide]");

function open() {
  bar.querySelector("[data-approve]").disabled = false;
  bar.querySelector("[data-heard-so-far]").hidden = true;
  bar.querySelector("[data-hint]").textContent = say("heard");
}

async function finish() {
  try {
    await postForm(bar.dataset.heard, { sha256: player.told.sha256 });
    open();
  } catch (error) {
    bar.querySelector("[data-hint]").textContent = error.message;
  }
}

if (player && bar && bar.dataset.open === undefined) {
  root.addEventListener("heard", ({ detail }) => {
    bar.querySelector("[data-heard-so-far]").textContent = say("listened", {
      heard: detail.seconds.toFixed(0),
      length: player.told.seconds.toFixed(0),
    });
  });
  root.addEventListener("heardall", finish);
}

const readings = document.querySelector("[data-readings]");
if (readings) {
  const said = JSON.parse(document.getElementById("said-text").textContent);
  new Readings(readings, { text: () => said.text, voice: () => said.voice });
}
