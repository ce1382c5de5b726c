// Play, pause, step, scrub, speed: which year is shown, and how far its families have come on their way.
import { $, on, state, status, tell } from "./state.js";
import { say } from "./words.js";

let last = 0;

export function player() {
  $("play").onclick = () => play(!state.playing);
  $("step").onclick = () => show(state.year + 1);
  $("back").onclick = () => show(0);
  $("scrub").oninput = () => show(Number($("scrub").value));
  $("speed").onchange = () => { state.speed = Number($("speed").value); };
  on("words", label);
  on("year", label);
  on("city", () => { $("scrub").max = state.years; play(false); show(0); });
  requestAnimationFrame(tick);
}

export function show(year) {
  state.year = Math.max(0, Math.min(year, state.years));
  tell("year");
}

export function play(going) {
  if (going && state.year >= state.years) show(0);
  state.playing = going;
  state.phase = going ? 0 : 1;
  label();
  tell("play");
}

function label() {
  $("play").textContent = say(state.playing ? "pause" : "play");
  $("step").textContent = say("step");
  $("back").textContent = say("back");
  $("year").textContent = say("year", { year: state.year });
  $("scrub").value = state.year;
}

function tick(now) {
  if (state.playing) {
    state.phase += Math.min((now - last) / 1000, 0.2) * state.speed;
    if (state.phase >= 1) {
      const known = state.futures.every((made) => !made || made.error || made.played > state.year + 1);
      if (state.year >= state.years) play(false);
      else if (known) { state.phase = 0; show(state.year + 1); } else state.phase = 1;
    }
    tell("draw");
  }
  last = now;
  requestAnimationFrame(tick);
}

export const fail = (error) => status(error.message, true);
