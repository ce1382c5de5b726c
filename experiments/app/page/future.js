// A future as the server plays it: figures and schools by year as they come, families when they are drawn.
import { ask } from "./api.js";
import { decode } from "./frames.js";
import { state, status, tell } from "./state.js";

const POLL = 40; // milliseconds between questions while years are played

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

  // The families of a year.
  async frame(year) {
    if (!this.frames.has(year)) {
      const asked = ask(`/api/future/${this.key}/frame/${year}`).then(decode);
      asked.catch(() => this.frames.delete(year));
      this.frames.set(year, asked);
    }
    return this.frames.get(year);
  }
}

// Ask for a future of the city on ``side`` (0: baseline, 1: with the chosen policies) and follow it.
export async function begin(side) {
  const near = state.futures[0] ? state.futures[0].key : "";
  const policies = side ? state.chosen : [];
  const made = new Future(await ask("/api/future", { scenario: state.scenario, seed: state.seed, years: state.years, policies, near }), side);
  state.futures[side] = made;
  tell("future", made);
  made.follow().catch((error) => status(error.message, true));
  return made;
}
