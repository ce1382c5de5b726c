// The page: wires the parts together and opens the first city.
import { ask } from "./api.js";
import { begin } from "./future.js";
import { twoMaps } from "./maps.js";
import { panel } from "./panel.js";
import { fail, player } from "./player.js";
import { results } from "./results.js";
import { $, on, state, status, tell } from "./state.js";
import { LANGUAGES, speak } from "./words.js";

async function city(scenario) {
  status();
  const about = await ask(`/api/city?scenario=${encodeURIComponent(scenario)}&seed=${state.seed}`);
  Object.assign(state, { about, scenario: about.scenario, years: about.years, town: about.town, shelf: about.shelf, chosen: [], futures: [null, null] });
  $("title").textContent = about.title;
  tell("city");
  await begin(0);
  await begin(1);
}

async function open() {
  $("language").innerHTML = Object.entries(LANGUAGES).map(([code, name]) => `<option value="${code}">${name}</option>`).join("");
  $("language").onchange = () => speak($("language").value).then(() => tell("words")).catch(fail);
  await speak("en");
  player();
  twoMaps();
  results();
  panel();
  on("policies", () => begin(1).catch(fail));
  const { scenarios, first } = await ask("/api/scenarios");
  $("scenario").innerHTML = scenarios.map((name) => `<option ${name === first ? "selected" : ""}>${name}</option>`).join("");
  $("scenario").onchange = () => city($("scenario").value).catch(fail);
  tell("words");
  await city(first);
}

window.schoolflight = state; // for tests and the curious
open().catch(fail);
