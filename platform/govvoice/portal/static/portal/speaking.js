// From an editor to a sound: asks, shows how long it takes, lets it be cancelled, puts refusals beside fields.

import { settings } from "./editor.js";
import { postJson } from "./server.js";
import { say } from "./words.js";

const SHOW_AFTER = 300; // milliseconds without a sign before the page says that it works
const CANCEL_AFTER = 2000;

export class Speaking {
  constructor(editor, root) {
    this.editor = editor;
    this.button = root.querySelector("[data-speak]");
    this.cancel = root.querySelector("[data-cancel]");
    this.status = root.querySelector("[data-progress]");
    this.trouble = root.querySelector("[data-trouble]");
    this.cancel.addEventListener("click", () => this.waiting?.abort());
  }

  /** The result and the values it was made of; null when there is none, the page then says why. */
  async ask() {
    if (this.waiting) return null;
    this.editor.clearAll();
    this.trouble.textContent = "";
    const objection = this.editor.objection();
    if (objection) {
      this.editor.wrong("text", objection);
      this.editor.text.focus();
      return null;
    }
    return this.wait();
  }

  async wait() {
    const values = this.editor.values();
    const stop = this.showWaiting();
    try {
      const told = await postJson(settings.speak, { ...values, ...this.editor.readings.inForce }, this.waiting.signal);
      this.editor.learn(values, told.seconds);
      this.status.textContent = say("spoken", { seconds: told.seconds.toFixed(1) });
      return { told, values };
    } catch (error) {
      this.fail(error);
      return null;
    } finally {
      stop();
    }
  }

  fail(error) {
    this.status.textContent = error.name === "AbortError" ? say("cancelled") : "";
    if (error.name !== "AbortError" && !this.editor.refuse({ errors: [], ...error })) this.trouble.textContent = error.message;
  }

  showWaiting() {
    this.waiting = new AbortController();
    this.button.setAttribute("aria-disabled", "true");
    this.status.textContent = "";
    const begun = performance.now();
    const tick = setInterval(() => {
      const passed = performance.now() - begun;
      this.status.textContent = say("speaking", { seconds: (passed / 1000).toFixed(0) });
      this.cancel.hidden = passed < CANCEL_AFTER;
    }, SHOW_AFTER);
    return () => {
      clearInterval(tick);
      this.waiting = null;
      this.cancel.hidden = true;
      this.button.removeAttribute("aria-disabled");
    };
  }
}

/** Ctrl+Enter anywhere in the form presses the one button. */
export function onCtrlEnter(form, act) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    act();
  });
}
