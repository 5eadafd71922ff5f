// Says in time that the session is about to end, and lets one go on.

const WARNING = 120; // seconds before the end
const dialog = document.getElementById("session-ends");
const shown = dialog.querySelector("[data-seconds]");
let end = Date.now() + Number(dialog.dataset.left) * 1000;

async function ask(method) {
  const headers = { "X-CSRFToken": dialog.querySelector("[name=csrfmiddlewaretoken]").value };
  const answer = await fetch(dialog.dataset.session, { method, headers, redirect: "manual" });
  if (!answer.ok) return location.assign(dialog.dataset.login);
  end = Date.now() + (await answer.json()).seconds * 1000;
  return undefined;
}

const left = () => Math.max(0, Math.round((end - Date.now()) / 1000));

async function look() {
  if (left() > WARNING) return;
  // Another tab may have been used meanwhile, so the server is asked before anybody is alarmed.
  if (!dialog.open) await ask("GET");
  if (left() > WARNING) return;
  if (!dialog.open) dialog.showModal();
  shown.textContent = String(left());
  if (left() === 0) await ask("GET");
}

dialog.querySelector("[data-goes-on]").addEventListener("click", async () => {
  await ask("POST");
  dialog.close();
});
dialog.addEventListener("cancel", (event) => event.preventDefault());
setInterval(look, 1000);
