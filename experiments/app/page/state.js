// What the page knows, in one place, and who wants to hear of changes.
export const state = {
  scenario: "", seed: 1, years: 0, year: 0, town: null, shelf: [], presets: [], about: null,
  chosen: [], // policies of the right future, as the server takes them
  idle: {}, // why policies of the shelf can do nothing here, by kind
  budget: 5e6, // euro a year, set by the table
  futures: [null, null], // baseline, with policies
  bands: null, // both futures under many seeds, and what the policies did
  wrong: false, // "what if we are wrong?": each run with parameters of its own
  guessing: "", // "": no game; "asked": the table writes its guess, nothing plays; "given": outcomes show as years pass; "told": all shows
  guesses: [], // as written down: {key, way: "up" | "down" | "same", by} each
  playing: false, phase: 1, speed: 1,
};

const listeners = new Map();

// Call ``heard`` whenever ``event`` is told: "city" (another city), "future" (more is known of a future), "year", "play", "words",
// "policies" (another choice), "bands" (more runs are known), "idle", "wrong", "guess", "budget".
export function on(event, heard) {
  if (!listeners.has(event)) listeners.set(event, []);
  listeners.get(event).push(heard);
}

export function tell(event, ...details) {
  for (const heard of listeners.get(event) || []) heard(...details);
}

export const $ = (id) => document.getElementById(id);

// One sentence below the maps: progress, or an error, which the server tells in English.
export function status(text = "", error = false) {
  $("status").textContent = text;
  $("status").classList.toggle("error", error);
  $("status").lang = error ? "en" : document.documentElement.lang;
}

// Whether what policies do may be shown of ``year``: not before it is played where the table has written down its guess.
export const shown = (year) => state.guessing === "" || state.guessing === "told" || (state.guessing === "given" && year <= state.year);
