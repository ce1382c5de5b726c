// A family's story: who it is, what it considered, and what spoke for and against each school, in plain words.
import { districtName, escape, groupName, number, say } from "./words.js";

const MOST = 6; // schools shown of those it considered; its own, its offer and the local one always are
// Parts of the utility under one word.
const TERMS = {
  distance: ["distance"], reputation: ["reputation"], peers: ["peers", "vulnerable"], emulation: ["emulation"], fee: ["fee", "private"], zone: ["zone"],
  sibling: ["sibling"], theme: ["theme"], proposal: ["proposal"], utility: ["utility"], taste: ["taste"],
};

// {title, html} of what the server tells of a family.
export function familyStory({ family, side }, schoolName) {
  const name = (s) => `<button type="button" class="link" data-school="${s}">${escape(schoolName(s))}</button>`;
  const facts = [say("family_is", { group: escape(groupName(family.group)), district: escape(districtName(family.district)), grade: family.grade, grades: family.grades }), goes(family, name)];
  if (family.vulnerable) facts.push(say(family.detected ? "family_vulnerable_known" : "family_vulnerable"));
  const choice = family.considered.length ? chosen(family, name) : `<p>${why(family)}</p>`;
  const future = escape(say(side ? "with_policies" : "baseline"));
  return { title: say("family_title"), html: `<p class="small">${say("family_when", { year: family.year, future })}</p><p>${facts.join(" ")}</p>${choice}` };
}

function goes(family, name) {
  if (family.school < 0) return say("goes_none");
  const how = say(`way.${family.way}`), place = family.rank >= 0 && family.way === "offer" ? say("goes_rank", { rank: family.rank + 1 }) : "";
  const local = family.school === family.local ? say("goes_local", { school: name(family.school) }) : say("goes_away", { school: name(family.school), local: name(family.local) });
  return [local, how && `${how}${place}.`].filter(Boolean).join(" ");
}

function why(family) {
  if (family.late) return say("no_choice_late", { year: family.entered });
  return family.entered < 1 ? say("no_choice_start") : say("no_choice");
}

// What speaks for each school, compared with the mean of those considered.
function chosen(family, name) {
  const rows = family.considered, terms = Object.keys(TERMS), part = (row, term) => TERMS[term].reduce((sum, key) => sum + (row.parts[key] || 0), 0);
  const mean = Object.fromEntries(terms.map((term) => [term, rows.reduce((sum, row) => sum + part(row, term), 0) / rows.length]));
  const shown = terms.filter((term) => rows.some((row) => Math.abs(part(row, term) - mean[term]) > 0.02));
  const widest = Math.max(0.5, ...rows.flatMap((row) => shown.map((term) => Math.abs(part(row, term) - mean[term]))));
  const own = new Set([family.school, family.offer, family.local]), kept = rows.filter((row, k) => k < MOST || own.has(row.school));
  const head = shown.map((term) => `<th scope="col">${escape(say(`term.${term}`))}</th>`).join("");
  const body = kept.map((row) => `<tr class="${row.school === family.offer ? "offer" : ""}"><th scope="row">${name(row.school)}<br><span class="small">${note(row, family)}</span></th><td>${number(row.km, 1)}</td>${shown.map((term) => bar(part(row, term) - mean[term], widest)).join("")}</tr>`).join("");
  const rest = rows.length - kept.length;
  return `${reasons(family, rows, shown, part, name)}<p>${say("family_key", { count: rows.length })}</p>
<div class="scroll" tabindex="0" role="group" aria-label="${escape(say("family_reasons"))}"><table class="reasons"><thead><tr><th scope="col">${escape(say("school_column"))}</th><th scope="col">${escape(say("km_column"))}</th>${head}</tr></thead><tbody>${body}</tbody></table></div>
${rest > 0 ? `<p class="small">${say("family_rest", { count: rest })}</p>` : ""}<p class="small">${say("family_model")}</p>`;
}

// In a sentence: the list, the offer, and what told the school it was given from the local one.
function reasons(family, rows, shown, part, name) {
  const got = rows.find((row) => row.school === family.offer), local = rows.find((row) => row.school === family.local), out = [];
  out.push(say("chose_in", { year: family.entered, count: rows.length }));
  const refused = rows.filter((row) => row.refused).sort((a, b) => a.listed - b.listed);
  if (refused.length) out.push(say("was_refused", { list: refused.map((row) => name(row.school)).join(", ") }));
  if (family.offer < 0) out.push(say("no_offer"));
  if (!family.chooses) out.push(say("never_looks"));
  if (got && local && got !== local) {
    const gaps = shown.map((term) => [term, part(got, term) - part(local, term)]).sort((a, b) => b[1] - a[1]);
    const list = (some) => some.map(([term]) => escape(say(`reason.${term}`))).join(", ");
    const pro = gaps.filter(([, gap]) => gap > 0.1).slice(0, 2), con = gaps.filter(([, gap]) => gap < -0.1).slice(-2).reverse();
    if (pro.length) out.push(say("spoke_for", { school: name(got.school), local: name(local.school), list: list(pro) }));
    if (con.length) out.push(say("spoke_against", { list: list(con) }));
  } else if (got && !local) out.push(say("local_unseen", { local: name(family.local) }));
  return `<p>${out.join(" ")}</p>`;
}

function note(row, family) {
  return [row.listed && say("listed", { rank: row.listed }), row.refused && say("refused"), row.school === family.offer && say("offered"), row.school === family.local && say("is_local")].filter(Boolean).join(", ");
}

// A bar to the right (speaks for it) or left (against) of the middle.
function bar(value, widest) {
  const wide = (Math.min(Math.abs(value) / widest, 1) * 50).toFixed(1), sign = value < 0 ? "against" : "for", text = number(value, 1);
  return `<td><span class="bar-cell" title="${text}"><i class="${sign}" style="width:${wide}%"></i></span><span class="said">${text}</span></td>`;
}
