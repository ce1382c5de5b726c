// Switches and sliders of the policies, from the shelf that the server declares, and the presets that fill them.
import { ask } from "./api.js";
import { spent } from "./budget.js";
import { anywhere, pointing } from "./here.js";
import { follow, input, valueOf } from "./inputs.js";
import { pointed } from "./schools.js";
import { $, on, state, tell } from "./state.js";
import { escape, euro, meaning, named, percent, say } from "./words.js";

const POLL = 1500;
const open = new Set(); // areas and details that the reader has opened

export function panel() {
  on("city", () => { open.clear(); open.add(state.shelf[0]?.area); draw(); learn(state.about); });
  on("words", () => state.shelf.length && draw());
  on("policies", marks);
  on("future", marks);
  on("guess", marks);
  on("here", (p) => { open.add(p.area); draw(); bring(p.kind); });
  pointing();
  const root = $("policies");
  root.addEventListener("click", pressed);
  root.addEventListener("change", changed);
  root.addEventListener("input", (event) => { const [box, p] = parameter(event.target); if (p) follow(box, p); else strength(event.target); });
  root.addEventListener("toggle", (event) => { const name = event.target.dataset.open; if (name) open[event.target.open ? "add" : "delete"](name); }, true);
}

// Ask which policies can do nothing here until all is known.
async function learn(about) {
  state.idle = {};
  for (let told = { done: 0, total: 1 }; told.done < told.total && state.about === about;) {
    told = await ask(`/api/idle?scenario=${encodeURIComponent(about.scenario)}&seed=${about.seed}`).catch(() => told);
    if (state.about !== about) return;
    state.idle = told.reasons || {};
    marks();
    await new Promise((done) => setTimeout(done, POLL));
  }
}

// Scroll the panel, where it scrolls by itself, to a policy.
function bring(kind) {
  const root = $("policies"), box = root.querySelector(`.policy[data-kind="${kind}"]`);
  if (box && getComputedStyle(root).position === "sticky") root.scrollTop += box.getBoundingClientRect().top - root.getBoundingClientRect().top - 40;
}

const details = (name, head, inner, kind = "") => `<details data-open="${name}" class="${kind}" ${open.has(name) ? "open" : ""}><summary>${head}</summary>${inner}</details>`;

function draw() {
  const areas = [...new Set(state.shelf.map((policy) => policy.area))];
  const box = (area) => details(area, `${escape(say(`area.${area}`))} <span class="count" data-area="${area}"></span>`, state.shelf.filter((p) => p.area === area).map(policy).join(""), "area");
  $("policies").innerHTML = `<h2>${escape(say("areas"))}</h2><div id="budget"></div>${presets()}${areas.map(box).join("")}`;
  tell("panel");
  marks();
}

const same = (preset) => JSON.stringify(preset.policies) === JSON.stringify(state.chosen);

function presets() {
  const one = (preset) => `<li><button type="button" data-preset="${escape(preset.name)}" aria-pressed="${same(preset)}">${meaning(`title.${preset.title}`, preset.title)}</button>${same(preset) ? details(`preset-${preset.name}`, escape(say("about")), `<p>${meaning(`about.${preset.title}`, preset.description)}</p>`) : ""}</li>`;
  const list = state.presets.length ? `<h3>${escape(say("presets"))}</h3><ul class="presets">${state.presets.map(one).join("")}</ul>` : "";
  return `<section>${list}<button type="button" id="reset">${escape(say("reset"))}</button></section>`;
}

function policy(p) {
  const entries = state.chosen.filter((entry) => entry.kind === p.kind);
  const evidence = p.evidence ? `<p><strong>${escape(say("evidence"))}</strong> ${meaning(`policy.${p.kind}.evidence`, p.evidence)}</p>` : "";
  const wrong = p.wrong ? `<p><strong>${escape(say("can_go_wrong"))}</strong> ${meaning(`policy.${p.kind}.wrong`, p.wrong)}</p>` : "";
  const decides = `<p>${escape(say("decided_by", { level: say(`level.${p.decided_by}`) }))}</p>`;
  const settings = entries.map((entry) => `<div class="settings">${entries.length > 1 ? `<h4>${period(entry)}</h4>` : ""}${p.parameters.filter((q) => !(entry.schools?.length && q.key in p.naming)).map((q) => input(q, entry[q.key], state.chosen.indexOf(entry), p.kind)).join("")}</div>`).join("");
  return `<div class="policy" data-kind="${p.kind}"><label class="switch"><input type="checkbox" role="switch" ${entries.length ? "checked" : ""} aria-describedby="what-${p.kind}"> <strong>${escape(named("policy", p.kind))}</strong></label><span class="price"></span>
<p class="what" id="what-${p.kind}">${meaning(`policy.${p.kind}.what`, p.what)}</p><p class="why" hidden></p>${entries.map((entry) => dates(p, entry)).join("")}
${details(`more-${p.kind}`, escape(say("more")), `${decides}${evidence}${wrong}${settings}`, "more")}</div>`;
}

const period = (entry) => escape(entry.end && entry.end === (entry.start ?? 1) ? say("year", { year: entry.end }) : entry.end ? say("from_to", { from: entry.start ?? 1, to: entry.end }) : say("from_on", { from: entry.start ?? 1 }));

function dates(p, entry) {
  const at = state.chosen.indexOf(entry), dose = entry.intensity ?? 1;
  const groups = ["", "majority", "minority", "detected"], now = (entry.groups || [])[0] || "";
  const whom = p.by_groups ? `<label>${escape(say("for_whom"))} <select name="groups">${groups.map((g) => `<option value="${g}" ${g === now ? "selected" : ""}>${escape(g ? named("choice", g) : say("everyone"))}</option>`).join("")}</select></label>` : "";
  return `<div class="dates" data-at="${at}"><label>${escape(say("from_year"))} <input name="start" type="number" min="1" max="${state.years}" value="${entry.start ?? 1}"></label>
<label>${escape(say("to_year"))} <input name="end" type="number" min="1" max="1000" value="${entry.end || ""}" placeholder="${escape(say("stays"))}"></label>${whom}
${entry.schools?.length ? `<span class="wide">${escape(say("at_schools", { list: entry.schools.map(pointed).join(", ") }))} <button type="button" class="link" data-anywhere>${escape(say("anywhere"))}</button></span>` : ""}
<label class="wide">${escape(say(p.dose === "targets" ? "reach" : "strength"))} <output>${percent(dose)}</output><input name="intensity" type="range" min="0" max="1" step="0.05" value="${dose}"></label></div>`;
}

function strength(field) {
  if (field.name === "intensity") field.closest("label").querySelector("output").textContent = percent(Number(field.value));
}

// The box and the declaration of the parameter to which an input belongs, and its entry among the chosen.
function parameter(target) {
  const box = target.closest(".input"), home = target.closest(".policy");
  if (!box || !home) return [null, null];
  const p = state.shelf.find((one) => one.kind === home.dataset.kind), at = [...home.querySelectorAll(".settings")].indexOf(box.closest(".settings"));
  return [box, p.parameters.find((q) => q.key === box.dataset.key), state.chosen.filter((entry) => entry.kind === p.kind)[at]];
}

function pressed(event) {
  if (event.target.matches("[data-anywhere]")) return free(event.target);
  const named = event.target.closest("[data-preset]");
  if (!named && event.target.id !== "reset") return;
  const preset = named && state.presets.find((one) => one.name === named.dataset.preset);
  choose(preset ? preset.policies.map((entry) => ({ ...entry })) : []);
  for (const entry of state.chosen) open.add(state.shelf.find((p) => p.kind === entry.kind).area);
  draw();
  (named ? document.querySelector(`[data-preset="${named.dataset.preset}"]`) : $("reset")).focus();
}

function free(button) {
  const entry = state.chosen[Number(button.closest(".dates").dataset.at)], p = state.shelf.find((one) => one.kind === entry.kind);
  anywhere(entry);
  choose([...state.chosen]);
  again(p.kind);
}

function choose(chosen) {
  state.chosen = chosen;
  tell("policies");
}

function changed(event) {
  const field = event.target, home = field.closest(".policy");
  if (!home) return;
  const kind = home.dataset.kind, [box, p, entry] = parameter(field);
  if (field.matches(".switch input")) {
    const others = state.chosen.filter((one) => one.kind !== kind);
    choose(field.checked ? [...others, { kind, start: Math.max(1, Math.min(state.year + 1, state.years)) }] : others);
    open[field.checked ? "add" : "delete"](`more-${kind}`);
    return again(kind);
  }
  if (p) {
    put(entry, p.key, valueOf(box, p));
    if (field.matches("[data-own]")) for (const one of box.querySelectorAll("[data-side]")) one.disabled = !field.checked;
  } else dated(state.chosen[Number(field.closest(".dates").dataset.at)], field);
  choose([...state.chosen]);
}

function put(entry, key, value) {
  if (value === undefined) delete entry[key]; else entry[key] = value;
}

function dated(entry, field) {
  const value = Number(field.value);
  if (field.name === "groups") put(entry, "groups", field.value ? [field.value] : undefined);
  else if (field.name === "intensity") entry.intensity = value;
  else if (field.name === "start") { entry.start = Math.max(1, Math.round(value) || 1); field.value = entry.start; if (entry.end && entry.end < entry.start) entry.end = entry.start; }
  else { entry.end = Math.round(value) > 0 ? Math.max(entry.start ?? 1, Math.round(value)) : 0; field.value = entry.end || ""; }
}

// Draw one policy anew, and keep the focus on its switch; rows of other entries have moved, so these follow.
function again(kind) {
  for (const p of state.shelf) {
    const box = document.querySelector(`.policy[data-kind="${p.kind}"]`);
    if (p.kind === kind || box.querySelector(".dates")) box.outerHTML = policy(p);
  }
  document.querySelector(`.policy[data-kind="${kind}"] .switch input`).focus({ preventScroll: true });
  marks();
}

// Why a policy can do nothing here: the server's English sentence, or the reader's words, which may say it in general.
function reason(kind, why) {
  const key = `policy.${kind}.idle`, own = say(key);
  return document.documentElement.lang === "en" ? [why, true] : [own === key ? say("idle_nothing") : own, false];
}

// What a policy that is not chosen cannot be chosen for: nothing to do here, or another one in the way. [text, whether English]
function obstacle(p) {
  const why = state.idle[p.kind];
  if (why) return why === "nothing" ? [say("idle_nothing"), false] : reason(p.kind, why);
  const rival = state.chosen.find((entry) => entry.kind !== p.kind && !entry.end && state.shelf.find((other) => other.kind === entry.kind).alone.some((lever) => p.alone.includes(lever)));
  return rival ? [say("not_with", { policy: named("policy", rival.kind) }), false] : null;
}

// Prices, counts and obstacles, without drawing anew what may have the focus.
function marks() {
  const prices = spent().each;
  for (const p of state.shelf) {
    const box = document.querySelector(`.policy[data-kind="${p.kind}"]`);
    if (!box) continue;
    const chosen = state.chosen.some((entry) => entry.kind === p.kind), stop = chosen ? null : obstacle(p), why = box.querySelector(".why");
    box.classList.toggle("idle", Boolean(stop));
    box.querySelector(".switch input").disabled = Boolean(stop);
    why.hidden = !stop;
    [why.textContent, why.lang] = stop ? [stop[0], stop[1] ? "en" : document.documentElement.lang] : ["", ""];
    box.querySelector(".price").textContent = chosen && prices[p.kind] !== undefined ? say("a_year", { value: euro(prices[p.kind]) }) : "";
  }
  for (const node of document.querySelectorAll(".count")) {
    const here = state.shelf.filter((p) => p.area === node.dataset.area && state.chosen.some((entry) => entry.kind === p.kind)).length;
    node.textContent = here ? say("chosen_count", { count: here }) : "";
  }
}
