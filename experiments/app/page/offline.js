// The file that plays without a server: the page's own parts, whose questions are answered from inside the file.
import { footer } from "./about.js";
import { ask } from "./api.js";
import { begin } from "./future.js";
import { twoMaps } from "./maps.js";
import { answers, contents } from "./packed.js";
import { fail, player, show } from "./player.js";
import { results } from "./results.js";
import { $, on, state, tell } from "./state.js";
import { policies, verdictTold } from "./told.js";
import { escape, LANGUAGES, number, say, speak, titled } from "./words.js";

async function open() {
  const held = await contents(), { session, shown, packed } = held;
  window.fetch = answers(held);
  document.querySelector("main").insertAdjacentHTML("afterbegin", '<section id="policies-told"></section>');
  document.querySelector("main").insertAdjacentHTML("beforeend", '<section id="told"></section>');
  const tongues = Object.entries(LANGUAGES).filter(([code]) => code in held.words), tongue = shown.language in held.words ? shown.language : "en";
  $("language").innerHTML = tongues.map(([code, name]) => `<option value="${code}" ${code === tongue ? "selected" : ""}>${name}</option>`).join("");
  $("language").onchange = () => speak($("language").value).then(() => tell("words")).catch(fail);
  await speak(tongue);
  for (const part of [player, twoMaps, results, footer]) part();
  const about = await ask("/api/city");
  Object.assign(state, { about, town: about.town, shelf: about.shelf, scenario: session.scenario, seed: session.seed, years: session.years, chosen: session.policies, bands: shown.bands });
  on("words", () => told(held, packed));
  tell("city");
  tell("words");
  tell("bands");
  await begin(0);
  await begin(1);
  if (Math.max(...packed.families) < held.all_families) for (const made of state.futures) made.kept = () => undefined; // a school's story must not count a sample
  show(0);
  document.body.dataset.ready = "yes";
}

function told({ shown, all_families: all }, { families }) {
  const most = Math.max(...families), sample = most < all ? say("file_sample", { drawn: number(most, 0), all: number(all, 0) }) : "";
  $("title").textContent = titled(state.about.title);
  $("policies-told").innerHTML = policies();
  $("told").innerHTML = `${sample ? `<p class="small">${escape(sample)}</p>` : ""}${verdictTold(shown.verdict)}`;
}

window.schoolflight = state; // for tests and the curious
open().catch(fail);
