// Save and share: the session, pictures, numbers, and what people take home.
import { line } from "./about.js";
import { ask } from "./api.js";
import { compose, standalone, toPng } from "./pictures.js";
import { collect, download, openFile, saveFile } from "./session.js";
import { onPaper, sheet } from "./sheet.js";
import { $, on, state } from "./state.js";
import { escape, say, titled } from "./words.js";

const POLL = 400; // milliseconds between questions while the server makes a file

export function exportsMenu() {
  $("share").onclick = open;
  on("words", () => $("exports").open && draw());
  $("exports").addEventListener("click", (event) => { const act = ACTS[event.target.dataset.act]; if (act) run(act, event.target.dataset.act); });
}

function open() {
  draw();
  $("exports").showModal();
}

// What a file is called: as asked.py calls it.
function name() {
  const kinds = [...new Set(state.chosen.map((entry) => entry.kind))].join("+") || "no_policy";
  return `schoolflight_${state.scenario}_${kinds.slice(0, 60)}_seed${state.seed}`.replace(/[^A-Za-z0-9_+-]+/g, "-");
}

const charts = () => [...document.querySelectorAll("#results svg")];
export const titleOf = (svg) => svg.closest("figure")?.querySelector("figcaption")?.textContent.trim() || svg.getAttribute("aria-label") || "";

function draw() {
  const button = (act, word = act) => `<button type="button" data-act="${act}">${escape(say(`share_${word}`))}</button>`;
  const figures = charts().map((svg, k) => `<option value="${k}">${escape(titleOf(svg))}</option>`).join("");
  const part = (word, inner) => `<section><h3>${escape(say(`share_${word}`))}</h3>${inner}</section>`;
  $("exports").innerHTML = `<form method="dialog"><button class="close">${escape(say("close"))}</button></form><h2>${escape(say("share"))}</h2>
${part("session", `<p>${escape(say("share_session_told"))}</p><p>${button("save")} <label class="button">${escape(say("share_open"))}<input id="session-file" type="file" accept=".json,application/json"></label></p>`)}
${part("home", `<p>${escape(say("share_home_told"))}</p><p>${button("html")} ${button("handout")}</p>`)}
${part("film", `<p>${button("gif")} ${button("mp4")}</p>`)}
${part("pictures", `<p><label>${escape(say("share_which"))} <select id="which"><option value="maps">${escape(say("share_maps"))}</option>${figures}</select></label> ${button("png")} ${button("svg")}</p>`)}
${part("numbers", `<p>${escape(say("share_numbers_told"))}</p><p>${button("csv")}</p>`)}
<p id="making" role="status"></p>`;
  $("session-file").onchange = () => { const [file] = $("session-file").files; if (file) run(() => openFile(file).then(() => $("exports").close()), "open"); };
}

const ACTS = {
  save: () => saveFile(name()),
  csv: () => fetched("csv"),
  html: () => fetched("html"),
  gif: () => fetched("gif"),
  mp4: () => fetched("mp4"),
  handout: printed,
  png: () => picture("png"),
  svg: () => picture("svg"),
};

async function run(act, key) {
  making(say("share_making"));
  try {
    await act();
    making(say("share_done", { what: say(`share_${key}`) }));
  } catch (error) { making(error.message, true); }
}

function making(text, error = false) {
  const place = $("making");
  if (!place) return;
  place.textContent = text;
  place.classList.toggle("error", error);
}

// What the page shows and the server does not know: language, bands, the verdict in words.
export function shown() {
  const verdict = document.querySelector("#verdict:not([hidden])"), texts = (selector) => [...(verdict?.querySelectorAll(selector) || [])].map((node) => node.textContent.trim());
  const rows = [...(verdict?.querySelectorAll("tr") || [])].map((row) => [...row.children].map((cell) => cell.textContent.trim()));
  return { language: document.documentElement.lang, bands: state.bands || null, verdict: rows.length ? { answer: texts(".answer")[0] || "", rows, notes: texts("p.small") } : null };
}

async function made(kind) {
  let told = await ask(`/api/export/${kind}`, { session: collect(), shown: shown() });
  while (!told.ready) {
    if (told.error) throw new Error(told.error);
    making(say("share_progress", { done: told.done, total: told.total }));
    await new Promise((done) => setTimeout(done, POLL));
    told = await ask(`/api/export/${told.key}`);
  }
  return told;
}

async function fetched(kind) {
  const told = await made(kind), answer = await fetch(`/api/export/${told.key}/file`);
  if (!answer.ok) throw new Error(answer.statusText);
  download(await answer.blob(), told.name);
}

// The handout opens beside the page and can be printed there; the tab is opened at once, since browsers stop late ones.
async function printed() {
  const tab = window.open("about:blank", "_blank");
  try {
    const told = await made("handout"), address = `/handout/${told.key}`;
    if (tab) tab.location = address; else location.assign(address);
  } catch (error) { tab?.close(); throw error; }
}

async function picture(kind) {
  const which = $("which").value, about = { title: titled(state.about.title), year: say("year", { year: state.year }), source: line() };
  if (which === "maps") {
    const { maps, key } = await sheet(kind);
    const sides = ["left", "right"].map((id, side) => ({ map: maps[side], title: [...document.querySelectorAll(`#${id} figcaption > *`)].map((node) => node.textContent.trim()).filter(Boolean).join(" · ") }));
    return download(await compose(sides, key, about, kind), `${name()}_maps_year${state.year}.${kind}`);
  }
  const svg = charts()[Number(which)], text = onPaper(() => standalone(svg, { ...about, title: `${titleOf(svg)}. ${about.title}`, legend: [["#5a646f", say("baseline"), true], ["#0072b2", say("with_policies"), false]] }));
  const file = `${name()}_${titleOf(svg).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "")}`;
  download(kind === "svg" ? new Blob([text], { type: "image/svg+xml" }) : await toPng(text), `${file}.${kind}`);
}
