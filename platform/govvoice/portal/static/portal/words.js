// The sentences the server translated for this page, with their gaps filled in.

const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

export function say(key, gaps = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(gaps[name] ?? whole));
}
