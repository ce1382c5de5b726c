// Both futures under many seeds: asked of the server while they are looked at; a new choice drops the old question.
import { ask } from "./api.js";
import { $, on, state, tell } from "./state.js";
import { say } from "./words.js";

const POLL = 600; // milliseconds between questions; the server rests four seconds after the last
let question = 0;

export function bands() {
  for (const event of ["city", "policies", "wrong"]) on(event, () => follow(++question));
  on("words", progress);
  $("wrong").onchange = () => { state.wrong = $("wrong").checked; tell("wrong"); };
}

async function follow(mine) {
  state.bands = null;
  progress();
  tell("bands");
  let told = null;
  while (mine === question) {
    try {
      told = await more(told);
      if (mine !== question) return;
      if (!state.bands || told.done.join() !== state.bands.done.join() || told.error) {
        state.bands = told;
        progress();
        tell("bands");
      }
      if (told.error || told.done.every((done) => done >= told.total)) return;
    } catch (error) {
      if (mine === question) $("progress").textContent = error.message;
      if (!error.again) return;
      told = null; // the server forgot the question, or was started anew
    }
    await new Promise((done) => setTimeout(done, POLL));
  }
}

function more(told) {
  const { scenario, seed, years, chosen, wrong } = state;
  return told ? ask(`/api/bands/${told.key}`) : ask("/api/bands", { scenario, seed, years, policies: chosen, wrong });
}

function progress() {
  const { bands: told, wrong } = state;
  const about = wrong ? say(told?.source === "posterior" ? "wrong_posterior" : "wrong_spreads") : "";
  const done = told ? Math.min(...told.done) : 0, whole = told && done >= told.total;
  $("progress").textContent = told?.error ? told.error : `${whole ? say("runs_all", { total: told.total }) : say("runs_done", { done, total: told ? told.total : 30 })} ${about}`;
  $("runs").max = told ? told.total : 30;
  $("runs").value = done;
  $("runs").hidden = Boolean(whole);
}
