// What the page knows, in one place, and who wants to hear of changes.
export const state = {
  scenario: "", seed: 1, years: 0, year: 0, town: null, shelf: [], about: null,
  chosen: [], // policies of the right future, as the server takes them
  futures: [null, null], // baseline, with policies
  playing: false, phase: 1, speed: 1,
};

const listeners = new Map();

// Call ``heard`` whenever ``event`` is told: "city" (another city), "future" (more is known of a future), "year", "play", "words".
export function on(event, heard) {
  if (!listeners.has(event)) listeners.set(event, []);
  listeners.get(event).push(heard);
}

export function tell(event, ...details) {
  for (const heard of listeners.get(event) || []) heard(...details);
}

export const $ = (id) => document.getElementById(id);

// One sentence below the maps: progress, or an error.
export function status(text = "", error = false) {
  $("status").textContent = text;
  $("status").classList.toggle("error", error);
}
