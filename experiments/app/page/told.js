// The chosen policies and the verdict in words, for what is read without the panel.
import { told } from "./inputs.js";
import { pointed } from "./schools.js";
import { state } from "./state.js";
import { escape, named, percent, say } from "./words.js";

// A word of the language file where there is one, else what the server declares, in English.
const word = (key, english) => { const text = say(key); return text === key ? english : text; };
const plain = (kind) => { const text = kind.replaceAll("_", " "); return text.charAt(0).toUpperCase() + text.slice(1); };

export const nameOf = (kind) => word(`policy.${kind}`, plain(kind));

function one(entry) {
  const declared = state.shelf.find((p) => p.kind === entry.kind) || {}, from = entry.start ?? 1;
  const when = entry.end ? say("from_to", { from, to: entry.end }) : say("from_on", { from });
  const dose = (entry.intensity ?? 1) < 1 ? `, ${say("at_strength", { strength: percent(entry.intensity) })}` : "";
  const what = word(`policy.${entry.kind}.what`, declared.what || "");
  const set = (declared.parameters || []).filter((p) => p.key in entry && !(p.key in (declared.naming || {}) && entry.schools?.length)).map((p) => `${word(`parameter.${p.key}`, plain(p.key))}: ${told(p, entry[p.key])}`);
  if (entry.groups?.length) set.unshift(`${say("for_whom")} ${entry.groups.map((name) => named("choice", name)).join(", ")}`);
  if (entry.schools?.length) set.unshift(say("at_schools", { list: entry.schools.map(pointed).join(", ") }));
  const decides = declared.decided_by ? ` ${escape(say("decided_by", { level: word(`level.${declared.decided_by}`, declared.decided_by) }))}` : "";
  return `<li><strong>${escape(nameOf(entry.kind))}</strong> (${escape(when + dose)}). ${escape(what)}${decides}${set.length ? ` <span class="small">${escape(set.join("; "))}.</span>` : ""}</li>`;
}

export const policies = () => `<h2>${escape(say("policies_told"))}</h2>${state.chosen.length ? `<ul class="chosen">${state.chosen.map(one).join("")}</ul>` : `<p>${escape(say("no_policies"))}</p>`}`;

// The verdict as the page told it: its sentence and table, in the language of that moment.
export function verdictTold(verdict) {
  if (!verdict?.answer) return "";
  const [head, ...rows] = verdict.rows;
  const cells = (row) => row.map((text, k) => (k ? `<td>${escape(text)}</td>` : `<th scope="row">${escape(text)}</th>`)).join("");
  const table = head ? `<div class="scroll"><table><thead><tr>${head.map((text) => `<th scope="col">${escape(text)}</th>`).join("")}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join("")}</tbody></table></div>` : "";
  return `<h2>${escape(say("verdict_told"))}</h2><p class="answer">${escape(verdict.answer)}</p>${table}${verdict.notes.map((text) => `<p class="small">${escape(text)}</p>`).join("")}`;
}
