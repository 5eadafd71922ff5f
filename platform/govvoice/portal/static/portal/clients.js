// A client's page: one's own address at hand, and one real call of the API with a key.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-own-address]");
  if (!button) return;
  const field = document.querySelector(button.dataset.into);
  const separator = field.tagName === "TEXTAREA" && field.value.trim() ? "\n" : "";
  field.value = field.tagName === "TEXTAREA" ? field.value.trimEnd() + separator + button.dataset.ownAddress : button.dataset.ownAddress;
  field.focus();
});

function filled(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function show(form, words, kind) {
  const result = form.querySelector("[data-trial-result]");
  result.textContent = words;
  result.className = kind ? `gv-note gv-note--${kind}` : "";
}

async function call(form) {
  const begun = performance.now();
  const answer = await fetch(form.dataset.trial, {
    method: "POST",
    credentials: "omit", // the key alone must open the door
    headers: { Authorization: `Bearer ${form.querySelector("input").value.trim()}`, "Content-Type": "application/json" },
    body: JSON.stringify({ text: form.dataset.text, response: "audio" }),
  });
  if (!answer.ok) {
    const problem = await answer.json();
    show(form, filled(form.dataset.failed, { status: answer.status, detail: problem.detail }), "error");
    return;
  }
  const sound = await answer.blob();
  const milliseconds = Math.round(performance.now() - begun);
  const kilobytes = Math.round(sound.size / 1024);
  show(form, filled(form.dataset.done, { status: answer.status, milliseconds, kilobytes }), "success");
  const audio = form.querySelector("audio");
  audio.src = URL.createObjectURL(sound);
  audio.hidden = false;
}

for (const form of document.querySelectorAll("[data-trial]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    show(form, form.dataset.waiting, "");
    try {
      await call(form);
    } catch {
      show(form, form.dataset.lost, "error");
    }
  });
}

document.getElementById("new-key")?.focus();
