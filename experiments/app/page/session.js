// A session: what is shown and chosen. It is kept in this browser, each tab its own, and can be saved to a file and opened again.
import { ask } from "./api.js";
import { $, on, state, status, tell } from "./state.js";
import { say } from "./words.js";

const GOES_ON = "goes_on"; // told in a new tab, which begins with what another one chose
const PREFIX = "schoolflight.session.", LAST = "schoolflight.last", TAB = "schoolflight.tab";
const FORMAT = 1, KEPT = 20, WAIT = 300; // FORMAT: as in session.py; KEPT: sessions of tabs in the browser; WAIT: ms before a change is kept
const OWN = ["budget", "guesses"]; // saved where the page knows them
let tab = "", timer = 0, ready = false;

// All that is needed to play both futures again.
export function collect() {
  const { scenario, seed, years, year, chosen } = state;
  const own = Object.fromEntries(OWN.filter((key) => state[key] !== undefined).map((key) => [key, state[key]]));
  return { format: FORMAT, version: state.about?.version, saved: new Date().toISOString(), scenario, seed, years, year, policies: chosen, language: document.documentElement.lang, ...own };
}

// Keep the session from now on, whenever something is chosen or another year is shown.
export function session() {
  for (const event of ["city", "policies", "year", "words", "guess", "wrong", "budget"]) on(event, later);
  window.addEventListener("pagehide", keep);
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(keep, WAIT);
}

function keep() {
  if (!ready || !state.about) return;
  const text = JSON.stringify(collect());
  try {
    localStorage.setItem(PREFIX + tab, text);
    localStorage.setItem(LAST, text);
    const old = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).sort((a, b) => age(a) - age(b));
    for (const key of old.slice(0, -KEPT)) localStorage.removeItem(key);
  } catch { /* a full or forbidden store: the page works without */ }
}

const age = (key) => Date.parse(parsed(localStorage.getItem(key))?.saved) || 0;

function parsed(text) {
  try { return JSON.parse(text); } catch { return null; }
}

// The session of this tab before it was loaded again, or, in a new tab, the last one if it is of the scenario that the programme was started with.
export async function before(first) {
  let known = null, goesOn = false;
  try {
    tab = await ownName();
    const last = parsed(localStorage.getItem(LAST));
    known = parsed(localStorage.getItem(PREFIX + tab));
    if (!known && last?.scenario === first) { known = last; goesOn = last.policies?.length > 0; }
  } catch { /* no store */ }
  ready = true;
  if (!known) return null;
  try {
    const told = await ask("/api/session", known);
    if (goesOn) told.notes.unshift({ code: GOES_ON, values: {} });
    return told;
  } catch { return null; } // what the browser kept makes no sense any more
}

// A name for this tab that lives as long as it; the copy of a tab gets another, since the first one holds its lock.
async function ownName() {
  const fresh = () => Math.random().toString(36).slice(2);
  let name = sessionStorage.getItem(TAB) || fresh();
  if (navigator.locks && !(await held(name))) { name = fresh(); await held(name); }
  sessionStorage.setItem(TAB, name);
  return name;
}

const held = (name) => new Promise((told) => {
  navigator.locks.request(PREFIX + name, { ifAvailable: true }, (lock) => { told(Boolean(lock)); return lock ? new Promise(() => {}) : undefined; }).catch(() => told(true));
});

// Open a saved file: what cannot be loaded is told below the maps.
export async function openFile(file) {
  const saved = parsed(await file.text());
  if (!saved?.scenario) throw new Error(say("session.no_file", { file: file.name }));
  tell("open", await ask("/api/session", saved));
}

// What was left out or mended, in sentences.
export function notes(told) {
  if (told.length) status(told.map((note) => say(`session.${note.code}`, note.values)).join(" "), told.some((note) => note.code !== GOES_ON));
}

export function saveFile(name) {
  download(new Blob([JSON.stringify(collect(), null, 1)], { type: "application/json" }), `${name}.json`);
}

// Hand a file to the reader.
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
