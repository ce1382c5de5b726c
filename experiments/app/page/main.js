// The page: wires the parts together and opens the first city.
import { footer } from "./about.js";
import { ask } from "./api.js";
import { exportsMenu } from "./exports.js";
import { begin } from "./future.js";
import { twoMaps } from "./maps.js";
import { panel } from "./panel.js";
import { fail, player, show } from "./player.js";
import { results } from "./results.js";
import { before, notes, session } from "./session.js";
import { $, on, state, status, tell } from "./state.js";
import { LANGUAGES, speak } from "./words.js";

// Show a city; ``saved``: a session to go on with.
async function city(scenario, saved = {}) {
  status();
  state.seed = saved.seed ?? state.seed;
  const about = await ask(`/api/city?scenario=${encodeURIComponent(scenario)}&seed=${state.seed}`);
  Object.assign(state, { about, scenario: about.scenario, years: about.years, town: about.town, shelf: about.shelf, chosen: [], futures: [null, null] });
  const { years, policies: chosen, budget, guesses } = saved;
  for (const [key, value] of Object.entries({ years, chosen, budget, guesses })) if (value !== undefined) state[key] = value;
  $("scenario").value = state.scenario;
  $("title").textContent = about.title;
  tell("city");
  if (saved.year) show(saved.year);
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
  footer();
  exportsMenu();
  session();
  on("policies", () => begin(1).catch(fail));
  const { scenarios, first } = await ask("/api/scenarios");
  $("scenario").innerHTML = scenarios.map((name) => `<option ${name === first ? "selected" : ""}>${name}</option>`).join("");
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
