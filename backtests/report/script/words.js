// Write numbers and dates as the rest of the page does.

import { DAY } from "./ticks.js";

/**
 * The page's words and forms, in its language.
 * @typedef {object} Words
 * @property {string} minus
 * @property {string} sign
 * @property {string} percent
 * @property {string[]} months
 * @property {string} put_in
 * @property {string} lowest
 * @property {string} on
 * @property {string} month
 * @property {string} months_since
 * @property {string} ratio
 * @property {string} times
 * @property {Record<string, string>} factors
 * @property {string} keys
 * @property {string} to
 * @property {string} thinned
 * @property {string} history
 * @property {string} scenario
 * @property {string} assumed
 * @property {string} assumed_short
 */

/**
 * Write a fraction as per cent.
 * @param {Words} words
 * @param {number} fraction
 * @param {number} digits
 * @param {boolean} [plus] whether a gain has a sign as well
 */
export function percent(words, fraction, digits, plus = false) {
  const text = grouped((Math.abs(fraction) * 100).toFixed(digits));
  const sign = Number.parseFloat(text) === 0 ? "" : fraction < 0 ? words.minus : plus ? "+" : "";
  return sign + words.percent.replace("{}", text);
}

/**
 * Write dollars whole, small sums with their cents.
 * @param {Words} words
 * @param {number} usd
 */
export function money(words, usd) {
  const size = Math.abs(usd);
  const nothing = size < 0.005;
  const text = nothing ? "0" : grouped(size.toFixed(size < 99.995 ? 2 : 0));
  return `${usd < 0 && !nothing ? words.minus : ""}${words.sign}${text}`;
}

/**
 * Write dollars for an axis: $50k.
 * @param {Words} words
 * @param {number} usd
 */
export function shortMoney(words, usd) {
  const size = Math.abs(usd);
  for (const [unit, letter] of /** @type {[number, string][]} */ ([
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ])) {
    if (size >= unit * 0.9995)
      return `${words.sign}${Number((usd / unit).toPrecision(4))}${letter}`;
  }
  return money(words, usd);
}

/**
 * Write a factor of the money put in: half, own money, 4 times.
 * @param {Words} words
 * @param {number} factor
 */
export function factor(words, factor) {
  const named = words.factors[String(factor)];
  if (named) return named;
  if (Number.isInteger(factor)) return words.times.replace("{}", String(factor));
  return percent(words, factor - 1, 0, true);
}

/**
 * Write a day: 23 July 2002.
 * @param {Words} words
 * @param {number} day days since 1970
 */
export function dayText(words, day) {
  const date = new Date(day * DAY);
  const month = words.months[date.getUTCMonth()];
  return `${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`;
}

/**
 * Write a mark of a dated axis.
 * @param {Words} words
 * @param {{day: Date, parts: string}} tick
 */
export function tickText(words, tick) {
  const month = words.months[tick.day.getUTCMonth()].slice(0, 3);
  if (tick.parts === "day") return `${tick.day.getUTCDate()} ${month}`;
  return tick.parts === "year"
    ? `${tick.day.getUTCFullYear()}`
    : `${month} ${tick.day.getUTCFullYear()}`;
}

/** @param {string} digits */
function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
