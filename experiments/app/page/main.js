// The page: wires the parts together and opens the first city.
import { footer } from "./about.js";
import { ask } from "./api.js";
import { bands } from "./bands.js";
import { budget } from "./budget.js";
import { exportsMenu } from "./exports.js";
import { begin } from "./future.js";
import { twoMaps } from "./maps.js";
import { panel } from "./panel.js";
import { fail, player, show } from "./player.js";
import { predict } from "./predict.js";
import { results } from "./results.js";
import { before, notes, session } from "./session.js";
import { $, on, state, status, tell } from "./state.js";
import { verdict } from "./verdict.js";
import { escape, LANGUAGES, speak, titled } from "./words.js";

const KEPT = ["years", "budget", "guesses"]; // of a saved session, beside its policies

// Show a city; ``saved``: a session to go on with.
async function city(scenario, saved = {}) {
  status();
  state.seed = saved.seed ?? state.seed;
  const about = await ask(`/api/city?scenario=${encodeURIComponent(scenario)}&seed=${state.seed}`);
  const own = { years: about.years, chosen: [], guesses: [], ...Object.fromEntries(KEPT.filter((key) => saved[key] !== undefined).map((key) => [key, saved[key]])) };
  if (saved.policies) own.chosen = saved.policies;
  Object.assign(state, { about, scenario: about.scenario, town: about.town, shelf: about.shelf, presets: about.presets, idle: {}, futures: [null, null], ...own });
  $("scenario").value = state.scenario;
  headed();
  tell("city");
  if (saved.year) show(saved.year);
  await begin(0);
  await begin(1);
}

// The city's title, in the reader's language where it has one.
function headed() {
  if (state.about) $("title").textContent = titled(state.about.title);
  for (const option of $("scenario").options) option.textContent = titled(option.dataset.title);
}

// The language that was chosen before, or the browser's where the page speaks it.
function tongue() {
  const wanted = [localStorage.getItem("language"), ...navigator.languages].filter(Boolean).map((code) => code.slice(0, 2).replace("no", "nb"));
  return wanted.find((code) => code in LANGUAGES) || "en";
}

async function open() {
  const own = tongue();
  $("language").innerHTML = Object.entries(LANGUAGES).map(([code, name]) => `<option value="${code}" lang="${code}" ${code === own ? "selected" : ""}>${name}</option>`).join("");
  $("language").onchange = () => { localStorage.setItem("language", $("language").value); speak($("language").value).then(() => tell("words")).catch(fail); };
  await speak(own);
  player();
  twoMaps();
  results();
  budget();
  panel();
  verdict();
  predict();
  bands();
  footer();
  exportsMenu();
  session();
  on("words", headed);
  on("policies", () => begin(1).catch(fail));
  const { scenarios, first, titles } = await ask("/api/scenarios");
  $("scenario").innerHTML = scenarios.map((name) => `<option value="${escape(name)}" data-title="${escape(titles[name])}" ${name === first ? "selected" : ""}></option>`).join("");
  $("scenario").onchange = () => city($("scenario").value).catch(fail);
  on("open", ({ session: saved, notes: told }) => city(saved.scenario, saved).then(() => notes(told)).catch(fail));
  tell("words");
  const known = await before(first);
  if (known?.session.language in LANGUAGES) { $("language").value = known.session.language; await speak(known.session.language).then(() => tell("words")); }
  await city(known ? known.session.scenario : first, known?.session);
  if (known) notes(known.notes);
}

window.schoolflight = state; // for tests and the curious
open().catch(fail);
