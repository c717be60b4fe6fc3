// Decide what a picture spans and which marks stand on its axes.

import { DOLLARS, OWN } from "./data.js";
import { extremes } from "./thinning.js";
import { dateTicks, factorTicks, monthTicks, ratioTicks, ticks } from "./ticks.js";
import { factor, money, percent, shortMoney, tickText } from "./words.js";

/** Nothing lower is drawn on a ratio scale, which has no nothing. */
const LOWEST = 1e-4;

/**
 * @typedef {{at: number, text: string}} Mark
 *
 * What is shown: `view` of `lines` from bar `from` to bar `to`.
 * @typedef {object} Shown
 * @property {import("./data.js").Scene} scene
 * @property {import("./data.js").Line[]} lines
 * @property {number} view
 * @property {number} from
 * @property {number} to
 * @property {boolean} ratio
 *
 * Heights are levels: the numbers themselves, or logarithms on a ratio scale.
 * @typedef {object} Frame
 * @property {number} left
 * @property {number} right
 * @property {number} low
 * @property {number} high
 * @property {number} base where the money put in or the last high lies
 * @property {(number: number) => number} level
 * @property {Mark[]} across
 * @property {Mark[]} up
 */

/**
 * Tell whether the money view asks for a ratio scale: a line that more than doubled.
 * @param {import("./data.js").Line[]} lines
 * @param {number} view
 */
export function wantsRatio(lines, view) {
  if (view !== OWN) return false;
  return lines.some((line) => line.views[OWN].some((gain) => gain >= 1));
}

/**
 * @param {import("./words.js").Words} words
 * @param {Shown} shown
 * @param {number} wide most marks across
 * @returns {Frame}
 */
export function framed(words, shown, wide) {
  const { scene, view, from, to, ratio } = shown;
  const [low, high] = spanned(shown);
  const level = leveled(view, ratio);
  const up = marks(words, view, ratio, low, high).map((mark) => ({ ...mark, at: level(mark.at) }));
  const [left, right] = [scene.axis[from], scene.axis[to]];
  return {
    left,
    right,
    low: level(low),
    high: level(high),
    base: level(0),
    level,
    across: scene.dated
      ? dateTicks(left, right, wide).map((tick) => ({ at: tick.at, text: tickText(words, tick) }))
      : monthTicks(left, right, wide).map(({ at, month }) => ({ at, text: `${month}` })),
    up,
  };
}

/**
 * Return how a number becomes a height.
 * @param {number} view
 * @param {boolean} ratio
 * @returns {(number: number) => number}
 */
function leveled(view, ratio) {
  if (!ratio) return (number) => number;
  const above = view === OWN ? 1 : 0;
  return (number) => Math.log(Math.max(number + above, LOWEST));
}

/**
 * Return the lowest and highest number of the picture, with some room.
 * @param {Shown} shown
 * @returns {[number, number]}
 */
function spanned({ lines, view, from, to, ratio }) {
  const series = lines.flatMap((line) =>
    view === DOLLARS ? [line.views[view], line.put] : [line.views[view]],
  );
  let [low, high] = [0, 0];
  if (ratio && view === DOLLARS) [low, high] = [Infinity, LOWEST];
  for (const numbers of series) {
    const [lowest, highest] = extremes(numbers, from, to);
    if (numbers[lowest] < low && (!ratio || view !== DOLLARS || numbers[lowest] > 0))
      low = numbers[lowest];
    if (numbers[highest] > high) high = numbers[highest];
  }
  return roomy(view, ratio, Math.min(low, high), high);
}

/**
 * @param {number} view
 * @param {boolean} ratio
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
function roomy(view, ratio, low, high) {
  const room = Math.max(high - low, 0.01) * 0.06;
  if (!ratio) return [low === 0 ? 0 : low - room, view > DOLLARS ? 0 : high + room];
  const above = view === OWN ? 1 : 0;
  return [Math.max(low + above, LOWEST) * 0.92 - above, (high + above) * 1.06 - above];
}

/**
 * @param {import("./words.js").Words} words
 * @param {number} view
 * @param {boolean} ratio
 * @param {number} low
 * @param {number} high
 * @returns {Mark[]}
 */
function marks(words, view, ratio, low, high) {
  if (view === DOLLARS)
    return dollarMarks(words, ratio ? ratioTicks(low, high) : ticks(low, high, 5));
  if (ratio) {
    const factors = factorTicks(1 + low, 1 + high);
    return factors.map((times) => ({ at: times - 1, text: factor(words, times) }));
  }
  const found = ticks(low, high, 6);
  const digits = found.length > 1 && found[1] - found[0] < 0.0099 ? 1 : 0;
  return found.map((at) => ({ at, text: percent(words, at, digits, true) }));
}

/**
 * Write dollars short, or in full where short ones would look alike.
 * @param {import("./words.js").Words} words
 * @param {number[]} found
 */
function dollarMarks(words, found) {
  const short = found.map((usd) => shortMoney(words, usd));
  const alike = new Set(short).size < short.length;
  return found.map((at, place) => ({ at, text: alike ? money(words, at) : short[place] }));
}
