// What schools are called: by name where the programme was started so, else by number. Policies point at them by what the server calls them.
import { state } from "./state.js";
import { say } from "./words.js";

export function schoolName(s) {
  const { name } = state.town.schools;
  return state.town.named && name[s] !== undefined ? name[s] : say("school_number", { number: s + 1 });
}

// A school of a policy as the reader calls it.
export function pointed(called) {
  const s = state.town.schools.name.indexOf(called);
  return s < 0 ? called : schoolName(s);
}
