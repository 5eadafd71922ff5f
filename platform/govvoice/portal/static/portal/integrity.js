// Keeps a verification's progress fresh until it is done.

import { loadPart, showBars } from "./portal.js";

const PAUSE = 1000;
const place = document.querySelector("[data-verifications]");

async function renew() {
  await loadPart(place, place.dataset.verifications);
  showBars(place);
  if (place.querySelector("[data-unfinished]")) setTimeout(renew, PAUSE);
}

if (place?.querySelector("[data-unfinished]")) setTimeout(renew, PAUSE);
