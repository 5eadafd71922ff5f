// Keeps what is said of unfinished exports fresh, on the list and on an export's own page.

import { loadPart, showBars } from "./portal.js";

const PAUSE = 2000;
const place = document.querySelector("[data-progress]");

async function renew() {
  await loadPart(place, place.dataset.progress);
  showBars(place);
  if (place.querySelector("[data-unfinished]")) setTimeout(renew, PAUSE);
}

if (place?.querySelector("[data-unfinished]")) setTimeout(renew, PAUSE);
// On the list every row may change its shape: the page is asked for again.
if (document.querySelector("[data-export]")) setTimeout(() => location.reload(), 5 * PAUSE);
