// A row opens its event in the panel at the right; without this script the link opens a page.

import { loadPart } from "./portal.js";

const panel = document.getElementById("event");
const part = panel.querySelector("[data-event-part]");

document.addEventListener("click", (event) => {
  const row = event.target.closest(".gv-evidence tbody tr");
  if (!row || event.ctrlKey || event.metaKey || getSelection().toString()) return;
  event.preventDefault();
  part.replaceChildren();
  panel.showModal();
  loadPart(part, row.querySelector("[data-event]").href);
});
