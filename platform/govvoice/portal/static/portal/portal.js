// What every page of the shell can do: menu, theme, copying, confirming, parts that load by themselves.

const root = document.documentElement;

function whenClicked(selector, act) {
  document.addEventListener("click", (event) => {
    const element = event.target.closest(selector);
    if (element) act(element, event);
  });
}

// --- menu on narrow screens ---

whenClicked("[data-menu-toggle]", (button) => {
  const open = document.body.classList.toggle("gv-body--menu");
  button.setAttribute("aria-expanded", String(open));
});

// --- theme ---

function showTheme() {
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.setAttribute("aria-pressed", String(root.classList.contains("dark")));
  }
}

whenClicked("[data-theme-toggle]", () => {
  const dark = root.classList.toggle("dark");
  localStorage.setItem("theme", dark ? "dark" : "light");
  showTheme();
});

// --- small panels close when one looks elsewhere ---

function closePanels(except) {
  for (const panel of document.querySelectorAll("details[data-closes][open]")) {
    if (panel !== except) panel.open = false;
  }
}

document.addEventListener("click", (event) => closePanels(event.target.closest("details[data-closes]")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closePanels(null);
});

whenClicked("[data-prints]", () => print());

// --- copying: <button data-copy="#id" data-copied="已复制"> ---

async function copyText(element) {
  const text = element.value ?? element.textContent;
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain HTTP on a LAN has no clipboard of its own: select, and let the old command copy.
  const range = document.createRange();
  range.selectNodeContents(element);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  document.execCommand("copy");
  return undefined;
}

whenClicked("[data-copy]", async (button) => {
  await copyText(document.querySelector(button.dataset.copy));
  const label = button.querySelector("span") ?? button;
  const before = button.dataset.label ?? label.textContent;
  button.dataset.label = before;
  label.textContent = button.dataset.copied;
  setTimeout(() => { label.textContent = before; }, 2000);
});

// --- dialogs: <button data-opens="id"> and <button data-shuts> inside it ---

whenClicked("[data-opens]", (button) => document.getElementById(button.dataset.opens).showModal());
whenClicked("dialog [data-shuts]", (button) => button.closest("dialog").close());
// A refused step comes back with its sentence; the reason typed before it must not be lost.
document.querySelector("dialog[data-open]")?.showModal();
whenClicked("dialog", (dialog, event) => {
  if (event.target === dialog) dialog.close(); // the backdrop belongs to the dialog element
});

// --- forms whose answer is a file: <form data-says="#words"> shows what is going on ---

document.addEventListener("submit", (event) => {
  const words = event.target.dataset.says;
  if (words) document.querySelector(words).hidden = false;
});

// --- playing in lists: <button data-plays="/url" data-stops="停止" data-gone="已过期"> ---

const player = new Audio();
let playing = null;

function showPlaying(button) {
  if (playing) playing.textContent = playing.dataset.label;
  playing = button;
  if (!button) return;
  button.dataset.label ??= button.textContent;
  button.textContent = button.dataset.stops;
}

async function playSound(button) {
  const answer = await fetch(button.dataset.plays);
  if (!answer.ok) {
    button.textContent = button.dataset.gone;
    button.disabled = true;
    return;
  }
  URL.revokeObjectURL(player.src);
  player.src = URL.createObjectURL(await answer.blob());
  showPlaying(button);
  await player.play();
}

player.addEventListener("ended", () => showPlaying(null));

whenClicked("[data-plays]", (button) => {
  player.pause();
  if (playing === button) showPlaying(null);
  else playSound(button);
});

// --- bars: <span data-width="40">; a page may not carry styles of its own ---

export function showBars(place) {
  for (const bar of place.querySelectorAll("[data-width]")) bar.style.width = `${Math.min(100, bar.dataset.width)}%`;
}

showBars(document);

// --- parts that come by themselves: <div data-part="/url">, and again every data-every seconds ---

export async function loadPart(element, url = element.dataset.part) {
  const skeleton = setTimeout(() => element.classList.add("gv-part--waiting"), 300);
  try {
    const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    element.innerHTML = await answer.text();
  } catch {
    element.innerHTML = document.getElementById("part-failed").innerHTML;
  } finally {
    clearTimeout(skeleton);
    element.classList.remove("gv-part--waiting");
    element.setAttribute("aria-busy", "false");
  }
}

for (const element of document.querySelectorAll("[data-part]")) {
  loadPart(element);
  if (element.dataset.every) setInterval(() => loadPart(element), Number(element.dataset.every) * 1000);
}

showTheme();
