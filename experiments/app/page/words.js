// Words of the page in the reader's language, from words/<language>.json. Policies, parameters and choices are declared by the
// server in English; the other languages have words for each, keyed by its name.
export const LANGUAGES = { en: "English", it: "Italiano", ca: "Català", es: "Español", nb: "Norsk" };

let words = {};
export let language = "en";

export async function speak(name) {
  const answer = await fetch(`/page/words/${name}.json`);
  words = await answer.json();
  language = name;
  document.documentElement.lang = name;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = say(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(node.dataset.label));
}

export function say(key, values = {}) {
  let text = words[key] ?? key;
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, value);
  return text;
}

// The word for a name that the server declares; in English the name itself.
export function named(family, name) {
  const plain = String(name).replaceAll("_", " ");
  return words[`${family}.${name}`] ?? (family === "choice" ? plain : plain.charAt(0).toUpperCase() + plain.slice(1));
}

// The name of a group of families, such as "north_african".
export const groupName = (name) => words[`group.${name}`] ?? String(name).replaceAll("_", " ");

// A district: its own name, or the reader's word where the city's maker only numbered it.
export const districtName = (name) => name.replace(/^District (\d+)$/, (_, number) => say("district_number", { number }));

// A text that the server declares in English and that stands in the language files under itself: titles of cities and presets.
export const titled = (english) => words[`title.${english}`] ?? english;

// What a policy does, or what a parameter means: the reader's words, or the server's English ones.
export const meaning = (key, english) => (words[key] ? escape(words[key]) : `<span lang="en">${escape(english)}</span>`);

// What a parameter of a policy means: many policies share one meaning, some have one of their own.
export const hint = (kind, key, english) => meaning(words[`hint.${kind}.${key}`] ? `hint.${kind}.${key}` : `hint.${key}`, english);

const format = (value, options) => (value === null || value === undefined || !Number.isFinite(value) ? "–" : new Intl.NumberFormat(language, options).format(value));
const fixed = (digits, more) => ({ minimumFractionDigits: digits, maximumFractionDigits: digits, ...more });

export const number = (value, digits = 2) => format(value, fixed(digits));
export const percent = (value, digits = 0) => format(value, fixed(digits, { style: "percent" }));
export const signed = (value, digits = 2) => format(value, fixed(digits, { signDisplay: "exceptZero" }));
export const short = (value) => format(value, { maximumSignificantDigits: 4 });
const LARGE = 1e6; // euro from which a sum is told in millions
const whole = (value) => (Number.isFinite(value) ? Math.round(value) || 0 : value);
export const euro = (value, sign = "auto") => format(whole(value), { style: "currency", currency: "EUR", notation: Math.abs(value) >= LARGE ? "compact" : "standard", maximumSignificantDigits: 3, signDisplay: sign });
export const escape = (text) => String(text).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);
