// Predict first: the table writes down what it expects before anything plays; at the end the page lays it beside the outcome.
import { FIGURES, figure, size } from "./figures.js";
import { $, on, state, tell } from "./state.js";
import { escape, say } from "./words.js";

const LOCKED = ["play", "step", "scrub"];
const WAYS = ["down", "same", "up"];

export function predict() {
  $("predict").onclick = () => begin(state.guessing === "" ? "asked" : "");
  on("city", () => { const saved = usable(state.guesses); begin(saved.length ? "given" : "", saved); });
  on("words", draw);
  on("policies", () => { if (state.guessing !== "") begin("asked"); });
  on("bands", () => state.guessing === "told" && draw());
  on("year", () => { if (state.guessing === "given" && state.year >= state.years) begin("told", state.guesses); });
}

// Guesses that were saved, as far as they can be read.
const usable = (guesses) => (Array.isArray(guesses) ? guesses : []).filter((one) => choices().some(({ key }) => key === one?.key) && WAYS.includes(one.way) && Number.isFinite(one.by));

// ``guesses``: those to go on with.
function begin(mode, guesses = []) {
  Object.assign(state, { guessing: mode, guesses });
  document.body.dataset.guessing = mode;
  for (const id of LOCKED) $(id).disabled = mode === "asked";
  if (mode === "asked") { if (state.playing) $("play").click(); $("back").click(); }
  draw();
  tell("guess");
}

const choices = () => FIGURES.filter((one) => one.step);

function draw() {
  $("predict").textContent = say(state.guessing === "" ? "predict" : "predict_end");
  $("predict").setAttribute("aria-pressed", state.guessing !== "");
  const box = $("guess");
  box.hidden = state.guessing === "";
  box.innerHTML = state.guessing === "asked" ? form() : state.guessing === "given" ? `<p>${escape(say("guess_play"))}</p>` : state.guessing === "told" ? outcome() : "";
  if (state.guessing === "asked") wire(box);
}

function form() {
  const third = choices().slice(2).map((one) => `<option value="${one.key}">${escape(say(`figure.${one.key}`))}</option>`).join("");
  const kinds = ["D", "flight", ""].map((key, k) => ask(key, k, third)).join("");
  return `<form><h2>${escape(say("guess_title"))}</h2><p>${escape(say(state.chosen.length ? "guess_intro" : "guess_choose", { years: state.years }))}</p>${kinds}<button type="submit" ${state.chosen.length ? "" : "disabled"}>${escape(say("guess_write"))}</button></form>`;
}

function ask(key, k, third) {
  const head = key ? escape(say(`figure.${key}`)) : `<select name="which-${k}" aria-label="${escape(say("guess_third"))}">${third}</select>`, one = figure(key || choices()[2].key);
  const ways = WAYS.map((way) => `<label><input type="radio" name="way-${k}" value="${way}" required> ${escape(say(`way.${way}`))}</label>`).join(" ");
  return `<fieldset data-k="${k}"><legend>${head}</legend>${ways}<label class="by" hidden>${escape(say("guess_by"))} <output>${size(one, one.step * 4)}</output><input name="by-${k}" type="range" min="${one.step}" max="${one.most}" step="${one.step}" value="${one.step * 4}"></label></fieldset>`;
}

function wire(box) {
  const of = (k) => figure(["D", "flight"][k] || box.querySelector(`[name="which-${k}"]`).value);
  for (const field of box.querySelectorAll("fieldset")) {
    const k = Number(field.dataset.k), by = field.querySelector(".by"), slider = by.querySelector("input");
    const told = () => { by.querySelector("output").textContent = size(of(k), Number(slider.value)); };
    field.onchange = (event) => {
      if (event.target.tagName === "SELECT") { const one = of(k); Object.assign(slider, { min: one.step, max: one.most, step: one.step, value: one.step * 4 }); }
      const way = field.querySelector("input[type=radio]:checked");
      by.hidden = !way || way.value === "same";
      told();
    };
    slider.oninput = told;
  }
  box.querySelector("form").onsubmit = (event) => {
    event.preventDefault();
    const guesses = [...box.querySelectorAll("fieldset")].map((field) => {
      const k = Number(field.dataset.k), way = field.querySelector("input[type=radio]:checked").value;
      return { key: of(k).key, way, by: way === "same" ? 0 : Number(field.querySelector(".by input").value) };
    });
    begin("given", guesses);
    $("play").focus();
  };
}

const change = (one, v) => (v === 0 ? say("way.same") : `${say(v > 0 ? "way.up" : "way.down")} (${one.change(v)})`);

// Whether a guess lies where 8 of 10 runs do; "no change" is a guess of nought.
const inside = (at, said) => at >= said.tenth && at <= said.ninetieth;

function outcome() {
  const effects = state.bands?.effects || {};
  if (!effects.D) return `<p>${escape(say("verdict_wait"))}</p>`;
  const rows = state.guesses.map((guess) => {
    const one = figure(guess.key), said = effects[guess.key], at = guess.way === "down" ? -guess.by : guess.by;
    const text = say("guess_told", { guess: change(one, at), model: one.change(said.mean), low: one.change(said.tenth), high: one.change(said.ninetieth), runs: said.n });
    return `<li class="${inside(at, said) ? "hit" : "miss"}"><strong>${escape(say(`figure.${guess.key}`))}</strong> ${escape(text)} <em>${escape(say(inside(at, said) ? "guess_in" : "guess_out"))}</em></li>`;
  });
  return `<h2>${escape(say("guess_end"))}</h2><ul>${rows.join("")}</ul>`;
}
