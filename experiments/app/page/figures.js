// The figures that the page follows: how they are named, told, and what a change of them is.
import { euro, number, percent, say, signed } from "./words.js";

const points = (v, digits = 1) => say("points", { value: signed(v === null ? v : 100 * v, digits) });

// least: smallest range of the axis, so that noise does not look like news; step, most: of the slider of a guess.
export const FIGURES = [
  { key: "D", least: 0.04, tell: (v, digits = 3) => number(v, digits), change: (v) => signed(v, 3), step: 0.005, most: 0.2 },
  { key: "flight", least: 0.04, tell: (v, digits = 3) => percent(v, Math.max(digits - 2, 0)), change: points, step: 0.005, most: 0.3 },
  { key: "first_choice", least: 0.04, tell: (v, digits = 3) => percent(v, Math.max(digits - 2, 0)), change: points, step: 0.005, most: 0.3 },
  { key: "distance", least: 0.2, tell: (v, digits = 2) => say("km", { value: number(v, digits) }), change: (v) => say("km", { value: signed(v, 2) }) },
  { key: "cost", least: 1e6, tell: (v) => euro(v), change: (v) => euro(v, "exceptZero"), step: 1e5, most: 2e7, floor: 0 },
  { key: "gap", least: 0.04, tell: (v, digits = 2) => number(v, digits), change: (v) => signed(v, 3) },
];

export const figure = (key) => FIGURES.find((one) => one.key === key);

// A distance between two values without a sign, as a figure tells changes.
export const size = (one, v) => one.change(Math.abs(v)).replace("+", "");
