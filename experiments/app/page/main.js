// The page: wires the parts together and opens the first city.
import { ask } from "./api.js";
import { bands } from "./bands.js";
import { budget } from "./budget.js";
import { begin } from "./future.js";
import { twoMaps } from "./maps.js";
import { panel } from "./panel.js";
import { fail, player } from "./player.js";
import { predict } from "./predict.js";
import { results } from "./results.js";
import { $, on, state, status, tell } from "./state.js";
import { verdict } from "./verdict.js";
import { LANGUAGES, speak } from "./words.js";

async function city(scenario) {
  status();
  const about = await ask(`/api/city?scenario=${encodeURIComponent(scenario)}&seed=${state.seed}`);
  Object.assign(state, { about, scenario: about.scenario, years: about.years, town: about.town, shelf: about.shelf, presets: about.presets, idle: {}, chosen: [], futures: [null, null] });
  $("title").textContent = about.title;
  tell("city");
  await begin(0);
  await begin(1);
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
  on("policies", () => begin(1).catch(fail));
  const { scenarios, first } = await ask("/api/scenarios");
  $("scenario").innerHTML = scenarios.map((name) => `<option ${name === first ? "selected" : ""}>${name}</option>`).join("");
  $("scenario").onchange = () => city($("scenario").value).catch(fail);
  tell("words");
  await city(first);
}

window.schoolflight = state; // for tests and the curious
open().catch(fail);
