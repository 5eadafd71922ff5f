// Questions to the server, and its refusals (application/problem+json) as errors with a sentence to show.

import { say } from "./words.js";

export class Refused extends Error {
  constructor(detail, problem = {}) {
    super(detail);
    this.status = problem.status ?? 0;
    this.errors = problem.errors ?? [];
  }
}

const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";

async function ask(url, options) {
  try {
    return await fetch(url, { credentials: "same-origin", redirect: "manual", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(say("unreachable"));
  }
}

async function checked(answer) {
  if (answer.ok) return answer;
  // A redirect from here only ever leads to the login page.
  if (answer.type === "opaqueredirect") throw new Refused(say("session_over"));
  if (answer.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    const problem = await answer.json();
    throw new Refused(problem.detail, problem);
  }
  throw new Refused(answer.status === 403 ? say("session_over") : say("unexpected", { status: answer.status }));
}

export async function getJson(url, signal) {
  return (await checked(await ask(url, { signal }))).json();
}

export async function getBlob(url) {
  return (await checked(await ask(url))).blob();
}

export async function postJson(url, body, signal) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
  return (await checked(await ask(url, { method: "POST", headers, body: JSON.stringify(body), signal }))).json();
}

export async function postForm(url, fields) {
  await checked(await ask(url, { method: "POST", headers: { "X-CSRFToken": token() }, body: new URLSearchParams(fields) }));
}
