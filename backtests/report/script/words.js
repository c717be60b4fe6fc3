// Write numbers and dates as the rest of the page does.

import { DAY } from "./ticks.js";

/**
 * The page's words and forms, in its language.
 * @typedef {object} Words
 * @property {string} minus
 * @property {string} sign
 * @property {string} percent
 * @property {[number, string][]} large what an axis counts dollars in, the largest first
 * @property {string[]} months
 * @property {Record<"day" | "month" | "short" | "near", string>} dates
 * @property {string} gap between sentences
 * @property {string} comma
 * @property {string} semicolon
 * @property {string} put_in
 * @property {string} of_era
 * @property {string} lowest
 * @property {string} lowest_on
 * @property {string} month
 * @property {string} months_since
 * @property {string} ratio
 * @property {string} times
 * @property {Record<string, string>} factors
 * @property {string} picture
 * @property {string} keys
 * @property {string} span
 * @property {string} thinned
 * @property {string} history
 * @property {string} in_scenario
 * @property {string} assumed
 * @property {string} assumed_short
 */

/**
 * Fill the places of a text: {} with what has no name.
 * @param {string} text
 * @param {Record<string, string>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w*)\}/g, (_, name) => values[name]);
}

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
  for (const [unit, letter] of words.large) {
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
 * Write a day in one of the language's forms, whose letters are those of locale data: d MMMM y.
 * @param {Words} words
 * @param {"day" | "month" | "short" | "near"} form
 * @param {Date} date
 */
export function dateText(words, form, date) {
  const month = date.getUTCMonth();
  const name = words.months[month];
  /** @type {Record<string, string | number>} */
  const parts = {
    y: date.getUTCFullYear(),
    M: month + 1,
    MM: String(month + 1).padStart(2, "0"),
    MMM: name.slice(0, 3),
    MMMM: name,
    d: date.getUTCDate(),
  };
  return words.dates[form].replace(/y|M+|d/g, (part) => String(parts[part]));
}

/**
 * Write a day: 23 July 2002.
 * @param {Words} words
 * @param {number} day days since 1970
 */
export function dayText(words, day) {
  return dateText(words, "day", new Date(day * DAY));
}

/**
 * Write a mark of a dated axis.
 * @param {Words} words
 * @param {{day: Date, parts: string}} tick
 */
export function tickText(words, { day, parts }) {
  if (parts === "year") return `${day.getUTCFullYear()}`;
  return dateText(words, parts === "day" ? "near" : "short", day);
}

/** @param {string} digits */
function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
