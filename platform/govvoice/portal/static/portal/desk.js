// 试听台: hear a text, and keep the result before it to compare with.

import { Editor } from "./editor.js";
import { mount } from "./player.js";
import { Speaking, onCtrlEnter } from "./speaking.js";

const form = document.querySelector("[data-desk]");
const editor = new Editor(form);
const speaking = new Speaking(editor, form);
const newest = mount(form.querySelector("[data-slot=new]"));
const last = mount(form.querySelector("[data-slot=last]"));
const carry = form.querySelector("[data-carry]");

async function speak() {
  const result = await speaking.ask();
  if (!result) return;
  form.querySelector("[data-hint]").hidden = true;
  if (newest.told) last.show(newest.told, newest.shown);
  newest.show(result.told, { text: result.values.text, settings: editor.describe(result.values) });
  if (carry) carry.hidden = false;
  await newest.play();
}

form.addEventListener("submit", (event) => { event.preventDefault(); speak(); });
onCtrlEnter(form, speak);
form.querySelector("[data-carry-link]")?.addEventListener("click", () => editor.carry());
