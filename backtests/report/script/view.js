// What the reader has chosen, and what follows from it; nothing here touches the page.

import { DOLLARS, FUND, OWN } from "./data.js";
import { wantsRatio } from "./frame.js";
import { restingBar } from "./readout.js";
import { nearest } from "./scale.js";
import { DAY, MONTH_DAYS } from "./ticks.js";

/** Fewer bars than this are never zoomed to. */
const LEAST = 10;

/**
 * @typedef {object} Choice
 * @property {import("./data.js").Scene} scene
 * @property {number} view
 * @property {Set<number>} strategies
 * @property {{strategy: number, era: number}} first the strategy and era of the page's sentence
 * @property {(boolean | null)[]} ratio by hand, a view; null: as the lines ask for
 * @property {[number, number] | null} zoom
 * @property {number} bar
 */

/** @param {Choice} choice */
export function chosen(choice) {
  return choice.scene.lines.filter((line) => choice.strategies.has(line.strategy));
}

/**
 * Return the line that stands out: the sentence's, else the first that is chosen.
 * @param {Choice} choice
 */
export function leading(choice) {
  const lines = chosen(choice);
  const { strategy, era } = choice.first;
  const told = lines.filter((line) => line.strategy === strategy);
  return told.find((line) => line.era === era) ?? told[0] ?? lines[0];
}

/**
 * Return the first and last bar in sight.
 * @param {Choice} choice
 * @returns {[number, number]}
 */
export function span(choice) {
  return choice.zoom ?? [0, choice.scene.axis.length - 1];
}

/**
 * Tell whether heights are ratios: as chosen by hand, else as the lines ask for.
 * @param {Choice} choice
 */
export function isRatio(choice) {
  if (choice.view >= FUND) return false;
  return choice.ratio[choice.view] ?? wantsRatio(chosen(choice), choice.view);
}

/**
 * Show bars `from` to `to`, in either order; nothing changes where they are too few.
 * @param {Choice} choice
 * @param {number} from
 * @param {number} to
 */
export function zoom(choice, from, to) {
  const end = choice.scene.axis.length - 1;
  const low = Math.max(0, Math.min(from, to));
  const high = Math.min(end, Math.max(from, to));
  if (high - low < Math.min(LEAST, end)) return;
  choice.zoom = low > 0 || high < end ? [low, high] : null;
  move(choice, choice.bar);
}

/**
 * Zoom by a factor around the crosshair: 0.5 shows half as much.
 * @param {Choice} choice
 * @param {number} factor
 */
export function scaled(choice, factor) {
  const [low, high] = span(choice);
  const end = choice.scene.axis.length - 1;
  const size = Math.min(end, Math.max(LEAST, Math.round((high - low) * factor)));
  const from = Math.round(choice.bar - size / 2);
  const start = Math.max(0, Math.min(end - size, from));
  zoom(choice, start, start + size);
}

/**
 * Put the crosshair on a bar, inside what is in sight.
 * @param {Choice} choice
 * @param {number} bar
 */
export function move(choice, bar) {
  const [low, high] = span(choice);
  choice.bar = Math.max(low, Math.min(high, bar));
}

/**
 * Put the crosshair where it rests before anyone moves it: the leading line's worst day.
 * @param {Choice} choice
 */
export function rest(choice) {
  const line = leading(choice);
  move(choice, line ? restingBar(line, choice.view) : 0);
}

/**
 * Return the bar nearest to a month after or before the crosshair's, at least one away.
 * @param {Choice} choice
 * @param {1 | -1} months
 */
export function monthAway({ scene, bar }, months) {
  const wanted = scene.dated
    ? monthLater(scene.axis[bar], months)
    : scene.axis[bar] + months * MONTH_DAYS;
  const found = nearest(scene.axis, wanted);
  return (found - bar) * months > 0 ? found : bar + months;
}

/**
 * Return the same day of the next or the last month, its last day where it has no such day.
 * @param {number} day days since 1970
 * @param {number} months
 */
function monthLater(day, months) {
  const date = new Date(day * DAY);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), last)) / DAY;
}

/**
 * Do what a key says; false where it says nothing to a chart.
 * @param {Choice} choice
 * @param {string} key
 * @param {boolean} shift
 */
export function press(choice, key, shift) {
  const [low, high] = span(choice);
  const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : null;
  if (step) move(choice, shift ? monthAway(choice, step) : choice.bar + step);
  else if (key === "Home") move(choice, low);
  else if (key === "End") move(choice, high);
  else if (key === "+" || key === "=") scaled(choice, 0.5);
  else if (key === "-") scaled(choice, 2);
  else if (key === "Escape") zoom(choice, 0, choice.scene.axis.length - 1);
  else return false;
  return true;
}

/**
 * Return which strategies are chosen when eras are laid on one another, so that few lines cross:
 * the leading one's alone.
 * @param {Choice} choice
 */
export function alone(choice) {
  const line = leading(choice);
  return new Set(line ? [line.strategy] : []);
}

export const MONEY_VIEWS = [OWN, DOLLARS];
