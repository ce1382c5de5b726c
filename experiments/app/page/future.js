// A future as the server plays it: figures and schools by year as they come, families when they are drawn.
import { ask } from "./api.js";
import { decode } from "./frames.js";
import { $, state, status, tell } from "./state.js";
import { say } from "./words.js";

const POLL = 40; // milliseconds between questions while years are played
const KEPT = 8; // years whose families are kept at once
const SHORT = 5000; // milliseconds that a sentence about it stays
const AGAIN = 1500; // milliseconds between knocks at a server that does not answer

export class Future {
  constructor(told, side) {
    Object.assign(this, { key: told.key, side, played: 0, lines: {}, schools: [], acts: [], frames: new Map() });
    this.take(told);
  }

  take(told) {
    for (const [name, values] of Object.entries(told.lines)) this.lines[name] = (this.lines[name] || []).slice(0, told.since).concat(values);
    this.schools = this.schools.slice(0, told.since).concat(told.schools);
    this.acts = this.acts.slice(0, told.since).concat(told.acts);
    this.played = this.schools.length;
    this.error = told.error;
  }

  get whole() { return this.played > state.years; }

  async follow() {
    while (!this.whole && !this.error && state.futures[this.side] === this) {
      this.take(await ask(`/api/future/${this.key}?since=${this.played}`));
      tell("future", this);
      if (!this.whole) await new Promise((done) => setTimeout(done, POLL));
    }
    if (this.error) status(this.error, true);
  }

  // The families of a year; those looked at last are kept.
  frame(year) {
    let asked = this.frames.get(year);
    this.frames.delete(year);
    if (!asked) {
      asked = { promise: ask(`/api/future/${this.key}/frame/${year}`).then(decode) };
      asked.promise.then((frame) => { asked.made = frame; }, () => this.frames.delete(year));
    }
    this.frames.set(year, asked);
    if (this.frames.size > KEPT) this.frames.delete(this.frames.keys().next().value);
    return asked.promise;
  }

  // The families of a year if they are at hand.
  kept(year) { return this.frames.get(year)?.made; }

  // The local school of each address point in a year. Many years, and both futures, share theirs.
  local(year) {
    const number = this.schools[year].zones, { zones } = state.town;
    if (!zones.has(number)) {
      const asked = { promise: ask(`/api/future/${this.key}/zones/${year}`).then((buffer) => new Int32Array(buffer)) };
      asked.promise.then((local) => { asked.made = local; }, () => zones.delete(number));
      zones.set(number, asked);
      if (zones.size > 2 * KEPT) zones.delete(zones.keys().next().value);
    }
    return zones.get(number).promise;
  }

  zones(year) { return state.town.zones.get(this.schools[year].zones)?.made; }
}

// Ask for a future of the city on ``side`` (0: baseline, 1: with the chosen policies) and follow it.
export async function begin(side) {
  const near = state.futures[0] ? state.futures[0].key : "", { town } = state;
  town.zones ||= new Map();
  const policies = side ? state.chosen : [];
  const told = await ask("/api/future", { scenario: state.scenario, seed: state.seed, years: state.years, policies, near });
  if (state.town !== town || (side && policies !== state.chosen)) return null;
  const made = new Future(told, side);
  status();
  state.futures[side] = made;
  tell("future", made);
  made.follow().catch((error) => (error.again ? heal() : status(error.message, true)));
  return made;
}

let healing = null;

// Ask for both futures again, once the server answers: it was restarted, or has dropped what nobody had looked at for long.
export function heal() {
  healing ||= again().catch((error) => status(error.message, true)).finally(() => { healing = null; });
  return healing;
}

async function again() {
  status(say("again"));
  for (let known = false; !known; ) {
    try {
      const { scenarios } = await ask("/api/scenarios");
      known = true;
      if (!state.town || !scenarios.includes(state.scenario)) return location.reload();
    } catch (error) {
      if (!error.again) throw error;
      status(error.message, true);
      await new Promise((done) => setTimeout(done, AGAIN));
    }
  }
  await begin(0);
  await begin(1);
  status(say("back_again"));
  setTimeout(() => { if ($("status").textContent === say("back_again")) status(); }, SHORT);
}
