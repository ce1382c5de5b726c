// Words of the page in the reader's language, from words/<language>.json.
export const LANGUAGES = { en: "English" };

let words = {};
export let language = "en";

export async function speak(name) {
  const answer = await fetch(`/page/words/${name}.json`);
  words = await answer.json();
  language = name;
  document.documentElement.lang = name;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = say(node.dataset.word);
}

export function say(key, values = {}) {
  let text = words[key] ?? key;
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, value);
  return text;
}

export const number = (value, digits = 2) => (value === null || value === undefined ? "–" : new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value));
export const percent = (value, digits = 0) => (value === null || value === undefined ? "–" : new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value));
export const escape = (text) => String(text).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);
