// One parameter of a policy as an input of the page, made from its declaration, and the value that an input holds.
import { escape, hint, named, number, percent, say, short } from "./words.js";

const isShare = (p) => p.unit.startsWith("share") || p.unit === "0 to 1";

// A number in the parameter's unit, in words.
export function inUnit(p, value) {
  if (isShare(p)) return p.unit.endsWith("/year") ? say("a_year", { value: percent(value) }) : percent(value);
  const unit = named("unit", p.unit);
  return p.unit === "utility" ? number(value, 1) : `${short(value)} ${unit.charAt(0).toLowerCase()}${unit.slice(1)}`;
}

// What a parameter is set to, in words.
export function told(p, value) {
  if (p.control === "flag") return say(value ? "yes" : "no");
  if (p.control === "sides" && value !== null) return Object.entries(value).map(([side, v]) => `${named("choice", side)} ${number(v, 1)}`).join(", ");
  if (Array.isArray(value)) return value.map((name) => named("choice", name)).join(", ");
  return typeof value === "number" ? inUnit(p, value) : value === null ? say("as_it_is") : value === "" ? say("any") : named("choice", value);
}

export function input(p, value, at, kind) {
  const given = value === undefined ? p.default : value, id = `in-${at}-${p.key}`;
  const label = escape(named("parameter", p.key)), own = hint(kind, p.key, p.doc);
  const inner = MAKERS[p.control](p, given, id, label);
  return `<div class="input" data-key="${p.key}" data-control="${p.control}">${inner}<span class="hint">${own}</span></div>`;
}

const choices = (p, given) => p.choices.map((name) => `<option value="${escape(name)}" ${name === given ? "selected" : ""}>${escape(name === "" ? say("any") : named("choice", name))}</option>`).join("");
const range = (p, value, name = "", id = "") => `<input ${id && `id="${id}"`} data-side="${name}" type="range" min="${p.low}" max="${p.high}" step="${p.step}" value="${value}">`;

const MAKERS = {
  slider: (p, given, id, label) => `<label for="${id}">${label}</label> <output for="${id}">${inUnit(p, given)}</output>${range(p, given, "", id)}`,
  number: (p, given, id, label) => `<label for="${id}">${label}</label> <span><input id="${id}" type="number" min="${p.low}" max="${p.high}" step="any" value="${given ?? ""}" placeholder="${p.optional ? escape(say("as_it_is")) : ""}"> ${unitOf(p)}</span>`,
  choice: (p, given, id, label) => `<label for="${id}">${label}</label> <select id="${id}">${choices(p, given)}</select>`,
  flag: (p, given, id, label) => `<label class="wide"><input id="${id}" type="checkbox" ${given ? "checked" : ""}> ${label}</label>`,
  several: (p, given, id, label) => `<fieldset><legend>${label}</legend>${p.choices.map((name) => `<label><input type="checkbox" value="${escape(name)}" ${given.includes(name) ? "checked" : ""}> ${escape(named("choice", name))}</label>`).join(" ")}</fieldset>`,
  sides: (p, given, id, label) => `<fieldset><legend><label><input type="checkbox" data-own ${given === null ? "" : "checked"}> ${label}</label></legend>${["majority", "minority"].map((side) => sideOf(p, given, side)).join("")}</fieldset>`,
};

function sideOf(p, given, side) {
  const value = given === null ? 0 : typeof given === "number" ? given : given[side] ?? 0;
  return `<label class="side">${escape(named("choice", side))} <output>${number(value, 1)}</output>${range(p, value, side).replace("<input", `<input ${given === null ? "disabled" : ""}`)}</label>`;
}

const unitOf = (p) => (isShare(p) && p.unit !== "0 to 1" ? escape(say("of_one")) : p.unit === "0 to 1" || p.unit === "utility" ? "" : escape(named("unit", p.unit).toLowerCase()));

// The value that an input holds: undefined where it is the default, null where an optional one is empty.
export function valueOf(box, p) {
  const field = box.querySelector("input, select");
  if (p.control === "flag") return same(field.checked, p);
  if (p.control === "choice") return same(field.value, p);
  if (p.control === "several") return [...box.querySelectorAll("input:checked")].map((one) => one.value);
  if (p.control === "sides") {
    if (!box.querySelector("[data-own]").checked) return undefined;
    return Object.fromEntries([...box.querySelectorAll("[data-side]")].map((one) => [one.dataset.side, Number(one.value)]));
  }
  if (field.value === "" || !Number.isFinite(Number(field.value))) return undefined;
  const held = Math.min(Math.max(Number(field.value), p.low), p.high);
  return same(Number.isInteger(p.step) && Number.isInteger(p.default ?? 0) && p.control === "slider" ? Math.round(held) : held, p);
}

const same = (value, p) => (value === p.default ? undefined : value);

// While a slider moves its number follows.
export function follow(box, p) {
  if (p.control === "slider") box.querySelector("output").textContent = inUnit(p, Number(box.querySelector("input").value));
  if (p.control === "sides") for (const one of box.querySelectorAll(".side")) one.querySelector("output").textContent = number(Number(one.querySelector("input").value), 1);
}
