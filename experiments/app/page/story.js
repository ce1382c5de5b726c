// The drawer with a story: of a school over the years in both futures, or of a family and its choice.
import { ask } from "./api.js";
import { AWAY } from "./frames.js";
import { familyStory } from "./family.js";
import { here, wire } from "./here.js";
import { fail } from "./player.js";
import { $, on, shown, state } from "./state.js";
import { schoolName } from "./schools.js";
import { trace } from "./trace.js";
import { escape, groupName, number, percent, say } from "./words.js";

const COLOURS = ["var(--muted)", "var(--mark)"];
const SMALL = { share: 0.02, pupils: 0.05, reputation: 0.15 }; // changes too small to be told as one
const HOLDS = [".close", ".here select", "[data-here]"]; // what keeps the focus when the story is drawn anew
const LEAST = 200; // pixels of the page that the drawer has at least
let box = null, told = null, back = null; // the drawer; what it tells; where the focus was

export function story() {
  box = document.createElement("section");
  box.id = "story";
  box.hidden = true;
  box.tabIndex = -1;
  document.querySelector("main").append(box);
  new ResizeObserver(() => !box.hidden && document.querySelector("main").style.setProperty("--drawn", `${box.offsetHeight}px`)).observe(box);
  window.addEventListener("resize", fit);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !box.hidden) close(); });
  on("city", close);
  for (const event of ["year", "future", "words", "guess"]) on(event, () => { if (told && (told.school !== undefined || event === "words")) draw(); });
}

export function openSchool(s, from) {
  open({ school: s }, from);
}

// The family of a dot: ``row`` of the table of ``year`` in the future on ``side``.
export async function openFamily(side, year, row, from) {
  const made = state.futures[side];
  if (!made) return;
  try {
    const family = await ask(`/api/future/${made.key}/family/${year}/${row}`);
    if (state.futures[side] === made) open({ family, side, made }, from);
  } catch (error) { fail(error); }
}

function open(what, from) {
  told = what;
  back = from;
  box.hidden = false;
  draw();
  fit();
  box.scrollTop = 0;
  box.focus({ preventScroll: true });
}

function close() {
  document.querySelector("main").style.removeProperty("--drawn");
  const inside = box.contains(document.activeElement);
  box.hidden = true;
  told = null;
  if (inside) back?.focus({ preventScroll: true });
}

// As high as what is free below the player, within bounds; the player is told, so that it can stay above.
function fit() {
  if (box.hidden) return;
  const maps = $("futures"), free = innerHeight + scrollY - maps.offsetTop - maps.offsetHeight - $("player").offsetHeight;
  box.style.setProperty("--drawer", `${Math.round(Math.min(Math.max(free, LEAST, innerHeight * 0.3), innerHeight * 0.44))}px`);
  document.querySelector("main").style.setProperty("--drawn", `${box.offsetHeight}px`);
}

function draw() {
  if (!told || !state.town) return;
  const { title, html } = told.family ? familyStory(told, schoolName) : schoolStory(told.school), held = box.contains(document.activeElement) && HOLDS.find((one) => document.activeElement.matches(one));
  box.setAttribute("aria-label", title);
  box.innerHTML = `<header><h2>${escape(title)}</h2><button type="button" class="close" title="Escape" aria-label="${escape(say("close"))}">✕</button></header>${html}`;
  box.querySelector(".close").onclick = close;
  for (const link of box.querySelectorAll("[data-school]")) link.onclick = () => openSchool(Number(link.dataset.school), back);
  if (told.school !== undefined) wire(box, told.school);
  if (held) box.querySelector(held)?.focus({ preventScroll: true });
}

// A school's figures by year; nobody has listed a school in year 0.
const column = (made, key, s) => made.schools.map((at, t) => (s < at.open.length && at.open[s] && (!made.side || shown(t)) && !(key === "demand" && t === 0) ? at[key][s] : null));

function schoolStory(s) {
  const known = state.futures.filter((made) => made && made.schools.length), sector = state.town.schools.sector[s];
  const texts = known.map((made) => sentences(made, s)), alike = texts.length > 1 && texts[0].join() === texts[1].join();
  const head = (made) => (alike ? `<h3>${escape(say("both_futures"))}</h3>` : `<h3 style="color:${COLOURS[made.side]}">${escape(say(made.side ? "with_policies" : "baseline"))}</h3>`);
  const parts = (alike ? known.slice(0, 1) : known).map((made, k) => `<div>${head(made)}${texts[k].map((one) => `<p>${escape(one)}</p>`).join("")}</div>`);
  const charts = [["pupils", "of.pupils", (v) => number(v, 0), 0], ["share", "of.share", (v) => percent(v), 0, 0.2], ["demand", "of.demand", (v) => number(v, 1), 0, 1], ["reputation", "of.reputation", (v) => number(v, 1), -1, 1]].map(([key, word, tell, low, high]) => {
    const lines = known.map((made) => ({ values: column(made, key, s), colour: COLOURS[made.side], dash: !made.side })), name = escape(say(word, { group: groupName(state.town.minority) }));
    return `<figure><figcaption>${name}</figcaption>${trace({ name, years: state.years, lines, year: state.year, tell, low, high })}</figure>`;
  });
  const title = sector ? say("school_title", { name: schoolName(s), sector: say(`sector.${sector}`) }) : schoolName(s);
  return { title, html: `${here(s)}<div class="${alike ? "beside" : ""}"><div class="sides">${parts.join("")}</div><div class="traces">${charts.join("")}</div></div><p class="small">${escape(say("story_key"))}</p>` };
}

// What the numbers of one future say about a school, up to the year that is shown.
function sentences(made, s) {
  const group = groupName(state.town.minority), year = Math.min(state.year, made.schools.length - 1), now = made.schools[year];
  if (made.side && !shown(year)) return [say("story_hidden")];
  const first = made.schools.findIndex((at) => s < at.open.length && at.open[s]);
  if (first < 0 || first > year) return [say("story_not_yet")];
  if (!now.open[s]) return [say("story_closed", { year: made.schools.findIndex((at, t) => t > first && !at.open[s]) })];
  const then = made.schools[first], out = [];
  if (first > 0) out.push(say("story_opened", { year: first }));
  out.push(say("story_now", { year, pupils: number(now.pupils[s], 0), share: percent(now.share[s]), group }));
  if (year > 0) out.push(say("story_demand", { year, demand: number(now.demand[s], 1) }));
  if (year > first) out.push(turn("share", then.share[s], now.share[s], percent, first, group, SMALL.share), turn("pupils", then.pupils[s], now.pupils[s], (v) => number(v, 0), first, group, SMALL.pupils * then.pupils[s]),
    turn("reputation", then.reputation[s], now.reputation[s], (v) => number(v, 1), first, group, SMALL.reputation));
  out.push(flight(made, s, year));
  const began = (key) => made.schools.findIndex((at, t) => t <= year && at[key][s]);
  if (now.theme[s]) out.push(say("story_theme", { year: began("theme") }));
  if (now.label[s]) out.push(say("story_label", { year: began("label") }));
  return out.filter(Boolean);
}

function turn(key, from, to, write, year, group, small) {
  const way = Math.abs(to - from) <= small ? "still" : to > from ? "rose" : "fell";
  return say(`turn.${key}_${way}`, { from: write(from), to: write(to), year, group });
}

// Of the children whose local school this is: how many go elsewhere, and where most of them go. Only where that year's families are at hand.
function flight(made, s, year) {
  const frame = made.kept(year), local = made.zones(year);
  if (!frame || !local) return "";
  const where = new Map();
  let all = 0, away = 0;
  for (let i = 0; i < frame.n; i++) if (local[frame.place[i]] === s && frame.school[i] >= 0) {
    all++;
    if (frame.flags[i] & AWAY) { away++; where.set(frame.school[i], (where.get(frame.school[i]) || 0) + 1); }
  }
  if (!all) return say("story_no_zone");
  const most = [...where].sort((a, b) => b[1] - a[1]).slice(0, 2).map(([other, count]) => say("story_to", { school: schoolName(other), count: number(count, 0) }));
  return [say("story_flight", { all: number(all, 0), share: percent(away / all) }), most.length ? say("story_most", { list: most.join(", ") }) : ""].filter(Boolean).join(" ");
}
