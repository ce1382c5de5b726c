// Play, pause, step, scrub, speed: which year is shown, and how far its families have come on their way.
import { heal } from "./future.js";
import { $, on, state, status, tell } from "./state.js";
import { say } from "./words.js";

let last = 0, ticking = false;

export function player() {
  $("play").onclick = () => play(!state.playing);
  $("step").onclick = () => { play(false); show(state.year + 1); };
  $("back").onclick = () => show(0);
  $("scrub").oninput = () => show(Number($("scrub").value));
  $("speed").onchange = () => { state.speed = Number($("speed").value); };
  on("words", label);
  on("year", label);
  on("city", () => { $("scrub").max = state.years; play(false); show(0); });
}

export function show(year) {
  state.year = Math.max(0, Math.min(year, state.years));
  if (!state.playing) state.phase = 1;
  tell("year");
}

export function play(going) {
  if (going && state.year >= state.years) { state.phase = 0; state.playing = true; show(0); }
  state.playing = going;
  label();
  tell("play");
  if (going && !ticking) { ticking = true; last = performance.now(); requestAnimationFrame(tick); }
}

function label() {
  $("play").textContent = say(state.playing ? "pause" : "play");
  $("play").setAttribute("aria-keyshortcuts", "Space");
  $("step").textContent = say("step");
  $("back").textContent = say("back");
  $("year").textContent = say("year", { year: state.year });
  $("scrub").value = state.year;
  $("scrub").setAttribute("aria-label", say("scrub"));
  $("scrub").setAttribute("aria-valuetext", say("year", { year: state.year }));
}

function tick(now) {
  if (!state.playing) { ticking = false; return; }
  state.phase = Math.min(state.phase + Math.min((now - last) / 1000, 0.2) * state.speed, 1);
  last = now;
  if (state.phase >= 1) {
    const known = state.futures.every((made) => !made || made.error || made.played > state.year + 1);
    if (state.year >= state.years) play(false);
    else if (known) { state.phase = 0; show(state.year + 1); }
  }
  tell("draw");
  requestAnimationFrame(tick);
}

// Keys of the whole page, where no control has them and nobody is writing a guess: space plays, arrows step, Home and End go to the first and last year.
export function keyboard() {
  const keys = { " ": () => play(!state.playing), ArrowRight: () => show(state.year + 1), ArrowLeft: () => show(state.year - 1), Home: () => show(0), End: () => show(state.years) };
  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("input, select, textarea, button, summary, a, [contenteditable], .scroll");
    if (busy || state.guessing === "asked" || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
}

// An error as a sentence; where the server is gone or has forgotten a future, the page asks again by itself.
export const fail = (error) => (error.again ? heal() : status(error.message, true));
