// The order of a list's rows: dragged by the handle, or moved with the buttons, which keep the focus.

import { postForm } from "./server.js";
import { say } from "./words.js";

const table = document.querySelector("[data-ordering]");
const body = table.tBodies[0];
const status = document.querySelector("[data-order-status]");
const trouble = document.querySelector("[data-row-trouble]");
const rows = () => Array.from(body.rows);
const codes = () => rows().map((row) => row.dataset.code);

let kept = codes();

async function keep(row) {
  if (codes().join() === kept.join()) return;
  const before = kept;
  kept = codes();
  limit();
  try {
    await postForm(table.dataset.ordering, { codes: kept.join(",") });
    trouble.textContent = "";
    status.textContent = say("moved", { name: row.dataset.name, place: kept.indexOf(row.dataset.code) + 1, count: kept.length });
  } catch (error) {
    kept = before;
    for (const code of before) body.append(rows().find((one) => one.dataset.code === code));
    limit();
    trouble.textContent = error.message;
  }
}

/** The first row cannot go up, nor the last one down; their buttons stay reachable and say so. */
function limit() {
  const all = rows();
  for (const row of all) {
    row.querySelector("[data-move='-1']").setAttribute("aria-disabled", String(row === all[0]));
    row.querySelector("[data-move='1']").setAttribute("aria-disabled", String(row === all.at(-1)));
  }
}

body.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  const row = button.closest("tr");
  if (button.dataset.move === "1") row.nextElementSibling.after(row);
  else row.previousElementSibling.before(row);
  button.focus();
  keep(row);
});

// Pointer events and not HTML's own dragging, which touch screens do not know.
body.addEventListener("pointerdown", (event) => {
  const row = event.target.closest("[data-handle]")?.closest("tr");
  if (!row || event.button !== 0) return;
  event.preventDefault();
  row.setAttribute("data-dragged", "");
  const move = ({ clientY }) => {
    const over = rows().find((one) => one !== row && clientY > one.getBoundingClientRect().top && clientY < one.getBoundingClientRect().bottom);
    if (!over) return;
    const { top, height } = over.getBoundingClientRect();
    if (clientY < top + height / 2) over.before(row);
    else over.after(row);
  };
  const stop = () => {
    row.removeAttribute("data-dragged");
    document.removeEventListener("pointermove", move);
    keep(row);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", stop, { once: true });
});

limit();
