// What the chosen policies cost in their dearest year, against a budget that the table sets.
import { $, on, shown, state, tell } from "./state.js";
import { escape, euro, percent, say } from "./words.js";

export function budget() {
  on("panel", draw);
  for (const event of ["future", "policies", "year", "guess"]) on(event, fill);
}

// The dearest year of those played and shown, its sum, and each kind of policy's part in it.
export function spent() {
  const acts = state.futures[1]?.acts || [], first = state.about?.own_policies ?? 0;
  let dearest = { year: 0, total: 0, each: {} };
  acts.forEach((done, year) => {
    const own = done.filter((act) => act.policy >= first && shown(year)), each = {};
    for (const act of own) each[act.kind] = (each[act.kind] || 0) + act.euro;
    const total = own.reduce((sum, act) => sum + act.euro, 0);
    if (own.length && (!dearest.year || total > dearest.total)) dearest = { year, total, each };
  });
  return dearest;
}

function draw() {
  $("budget").innerHTML = `<h3>${escape(say("budget"))}</h3><label>${escape(say("budget_set"))} <input id="limit" type="number" min="0" step="0.5" value="${state.budget / 1e6}"></label>
<div class="bar" aria-hidden="true"><div></div></div><p id="spent" role="status"></p>`;
  $("limit").onchange = () => { state.budget = Math.max(0, Number($("limit").value) || 0) * 1e6; fill(); tell("budget"); };
  fill();
}

function fill() {
  if (!$("spent")) return;
  const { year, total } = spent(), over = total - state.budget, bar = document.querySelector("#budget .bar div");
  const share = state.budget > 0 ? total / state.budget : total > 0 ? 2 : 0;
  bar.style.width = `${100 * Math.min(share, 1)}%`;
  bar.parentNode.classList.toggle("over", over > 0);
  const against = state.budget > 0 ? say(over > 0 ? "over_budget" : "left_budget", { share: percent(Math.abs(over) / state.budget) }) : "";
  const later = state.guessing === "asked" || (state.guessing === "given" && !year);
  $("spent").textContent = later ? say("spent_later") : state.chosen.length && year ? `${say("spent", { sum: euro(total), year })} ${against}` : say(state.chosen.length ? "spent_none" : "spent_nothing");
}
