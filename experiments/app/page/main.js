// The page: asks the server for futures, plays them, shows what they did.
import { decode } from "./frames.js";
import { CityMap } from "./map.js";
import { chart } from "./lines.js";
import { number, percent, say, speak } from "./words.js";
import { panel } from "./panel.js";

const FIGURES = [
  ["D", "segregation", (v) => number(v, 2)], ["flight", "flight", (v) => percent(v)], ["first_choice", "first_choice", (v) => percent(v)],
  ["gap", "gap", (v) => number(v, 2)], ["distance", "distance", (v) => number(v, 2)], ["cost", "cost", (v) => number(v === null ? null : v / 1e6, 1)],
];
const COLOURS = ["#5a646f", "#0072b2"];
const $ = (id) => document.getElementById(id);
const state = { scenario: "", seed: 1, years: 0, year: 0, shown: 0, playing: false, speed: 1, town: null, shelf: [], chosen: [], futures: [null, null], maps: [], last: 0 };

async function ask(path, body) {
  const answer = await fetch(path, body ? { method: "POST", body: JSON.stringify(body) } : {});
  const type = answer.headers.get("content-type") || "";
  if (type.startsWith("application/json")) {
    const out = await answer.json();
    if (!answer.ok) throw new Error(out.error);
    return out;
  }
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.arrayBuffer();
}

function tell(text = "", error = false) {
  $("status").textContent = text;
  $("status").classList.toggle("error", error);
}

class Future {
  constructor(told, side) { this.key = told.key; this.side = side; this.played = 0; this.lines = {}; this.schools = []; this.frames = new Map(); this.take(told); }
  take(told) {
    for (const [name, values] of Object.entries(told.lines)) this.lines[name] = (this.lines[name] || []).slice(0, told.since).concat(values);
    this.schools = this.schools.slice(0, told.since).concat(told.schools);
    this.played = this.schools.length;
    this.error = told.error;
  }
  async follow() {
    while (this.played <= state.years && !this.error && state.futures[this.side] === this) {
      this.take(await ask(`/api/future/${this.key}?since=${this.played}`));
      paint();
      if (this.played <= state.years) await new Promise((done) => setTimeout(done, 40));
    }
    if (this.error) tell(this.error, true);
  }
  async frame(year) {
    if (!this.frames.has(year)) this.frames.set(year, ask(`/api/future/${this.key}/frame/${year}`).then(decode).catch((error) => { this.frames.delete(year); throw error; }));
    return this.frames.get(year);
  }
}

async function begin(scenario) {
  tell();
  const about = await ask(`/api/city?scenario=${encodeURIComponent(scenario)}&seed=${state.seed}`);
  Object.assign(state, { scenario: about.scenario, years: about.years, town: about.town, shelf: about.shelf, year: 0, shown: 0, chosen: [] });
  $("title").textContent = about.title;
  $("scrub").max = about.years;
  state.maps = ["left", "right"].map((id) => new CityMap(document.querySelector(`#${id} canvas`), about.town));
  panel($("policies"), about.shelf, state, choose);
  await Promise.all([0, 1].map((side) => future(side)));
}

async function future(side) {
  const body = { scenario: state.scenario, seed: state.seed, years: state.years, policies: side ? state.chosen : [], near: state.futures[0] ? state.futures[0].key : "" };
  const made = new Future(await ask("/api/future", body), side);
  state.futures[side] = made;
  await Promise.race([made.follow(), new Promise((done) => setTimeout(done, 60))]);
  await show(state.year);
}

async function choose(policies) {
  state.chosen = policies;
  try { await future(1); } catch (error) { tell(error.message, true); }
}

// Bring a year on both maps.
async function show(year) {
  state.year = Math.max(0, Math.min(year, state.years));
  for (const [side, made] of state.futures.entries()) {
    if (!made || made.played <= state.year) continue;
    const map = state.maps[side], wanted = state.year;
    const frame = await made.frame(wanted);
    if (state.year !== wanted || state.futures[side] !== made) continue;
    map.frame = frame; map.schools = made.schools[wanted];
  }
  paint();
}

function paint() {
  $("year").textContent = say("year", { year: state.year });
  $("scrub").value = state.year;
  for (const map of state.maps) { map.phase = state.playing ? state.shown : 1; map.draw(); }
  for (const [side, id] of ["left", "right"].entries()) {
    const made = state.futures[side];
    if (!made) continue;
    const d = made.lines.D ? made.lines.D[state.year] : null;
    document.querySelector(`#${id} .told`).textContent = made.played > state.years ? say("d_is", { value: number(d, 3) }) : say("played", { played: Math.max(made.played - 1, 0), years: state.years });
  }
  $("results").innerHTML = FIGURES.map(([key, word, format]) => chart(say(word), state.years, state.futures.filter(Boolean).map((f) => ({ values: f.lines[key], colour: COLOURS[f.side], dash: !f.side })), state.year, format)).join("");
}

function tick(now) {
  if (state.playing) {
    const passed = Math.min((now - state.last) / 1000, 0.2) * state.speed;
    state.shown += passed;
    if (state.shown >= 1) {
      state.shown = 0;
      if (state.year >= state.years) play(false); else show(state.year + 1);
    }
    for (const map of state.maps) { map.phase = state.shown; map.draw(); }
  }
  state.last = now;
  requestAnimationFrame(tick);
}

function play(on) {
  if (on && state.year >= state.years) show(0);
  state.playing = on; state.shown = 0;
  $("play").textContent = say(on ? "pause" : "play");
  if (!on) paint();
}

function legend() {
  const [majority] = state.town.groups, minority = state.town.minority, dot = (c) => `<svg width="12" height="12" aria-hidden="true"><rect width="8" height="8" x="2" y="2" fill="${c}"/></svg>`;
  $("legend").innerHTML = [`${dot("#0072b2")} ${say("majority", { group: majority })}`, `${dot("#c85400")} ${say("minority", { group: minority })}`, say("away"), say("school", { group: minority }), say("theme")].map((text) => `<span>${text}</span>`).join("");
}

function hover() {
  for (const [side, id] of ["left", "right"].entries()) {
    const canvas = document.querySelector(`#${id} canvas`), tip = document.querySelector(`#${id} .tip`);
    canvas.onpointermove = (event) => {
      const map = state.maps[side], s = map ? map.schoolAt(event) : -1;
      tip.hidden = s < 0;
      if (s < 0) return;
      const at = map.schools, box = canvas.getBoundingClientRect();
      tip.textContent = say("school_told", { name: state.town.schools.name[s] ?? s, pupils: number(at.pupils[s], 0), share: percent(at.share[s]), group: state.town.minority, demand: number(at.demand[s], 1) });
      tip.style.left = `${Math.min(event.clientX - box.left + 12, box.width - 180)}px`; tip.style.top = `${event.clientY - box.top + 12}px`;
    };
    canvas.onpointerleave = () => { tip.hidden = true; };
  }
}

async function open() {
  await speak("en");
  const { scenarios, first } = await ask("/api/scenarios");
  $("scenario").innerHTML = scenarios.map((name) => `<option ${name === first ? "selected" : ""}>${name}</option>`).join("");
  $("scenario").onchange = () => begin($("scenario").value).then(legend).catch((error) => tell(error.message, true));
  $("play").onclick = () => play(!state.playing);
  $("step").onclick = () => show(state.year + 1);
  $("back").onclick = () => show(0);
  $("scrub").oninput = () => show(Number($("scrub").value));
  $("speed").onchange = () => { state.speed = Number($("speed").value); };
  $("step").textContent = say("step"); $("back").textContent = say("back"); $("play").textContent = say("play");
  window.onresize = () => { for (const map of state.maps) { map.fit(); map.draw(); } };
  hover();
  await begin(first);
  legend();
  requestAnimationFrame(tick);
}

window.schoolflight = state; // for tests and the curious
open().catch((error) => tell(error.message, true));
