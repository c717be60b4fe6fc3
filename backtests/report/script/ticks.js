// Choose an axis's marks: round numbers, factors, dates and months.

/** Milliseconds. */
export const DAY = 86400000;
/** Of mean length. */
export const MONTH_DAYS = 30.436875;

/**
 * Return round numbers from `low` to `high`, at most `most` + 1 of them.
 * @param {number} low
 * @param {number} high
 * @param {number} most
 * @returns {number[]}
 */
export function ticks(low, high, most) {
  if (!(high > low)) return [low];
  const size = 10 ** Math.floor(Math.log10((high - low) / most));
  const step = size * ([1, 2, 5, 10, 20].find((n) => (high - low) / (size * n) <= most) ?? 20);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => tidy((first + at) * step));
}

/**
 * Return the powers of two between two factors, where there are three or more; else round ones.
 * @param {number} low
 * @param {number} high
 * @returns {number[]}
 */
export function factorTicks(low, high) {
  const first = Math.ceil(Math.log2(low) - 1e-9);
  const last = Math.floor(Math.log2(high) + 1e-9);
  const step = Math.ceil((last - first + 1) / 7);
  const powers = [];
  for (let power = first; power <= last; power++) if (power % step === 0) powers.push(2 ** power);
  return powers.length > 2 ? powers : ticks(low, high, 5);
}

/**
 * Return at most seven round dollars between two positive sums, for a ratio scale.
 * @param {number} low
 * @param {number} high
 * @returns {number[]}
 */
export function ratioTicks(low, high) {
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (const step of steps) {
        const mark = tidy(step * 10 ** power);
        if (mark >= low && mark <= high) found.push(mark);
      }
    }
    if (found.length <= 7) return found.length > 2 ? found : ticks(low, high, 5);
  }
  return ticks(Math.log10(low), Math.log10(high), 6).map((power) => 10 ** power);
}

/**
 * A mark of an axis of days: where, and which parts of its date are written.
 * @typedef {{at: number, day: Date, parts: "year" | "month" | "day"}} DateTick
 */

/**
 * Return Januaries, or months, or days, at most `most` of them.
 * @param {number} first days since 1970
 * @param {number} last
 * @param {number} most
 * @returns {DateTick[]}
 */
export function dateTicks(first, last, most) {
  const months = (last - first) / MONTH_DAYS;
  const step = [1, 2, 3, 6, 12, 24, 36, 60, 120, 240].find((n) => {
    // A month's label is nearly twice as wide as a year's.
    return months / n <= (n < 12 ? most * 0.7 : most);
  });
  if (months < 2.5) return dayTicks(first, last, Math.max(2, most * 0.6));
  const start = new Date(first * DAY);
  const begin = start.getUTCFullYear() * 12 + start.getUTCMonth();
  const every = step ?? 600;
  const found = [];
  for (let month = Math.ceil(begin / every) * every; ; month += every) {
    const day = new Date(Date.UTC(0, month));
    day.setUTCFullYear(Math.floor(month / 12), ((month % 12) + 12) % 12, 1);
    const at = day.getTime() / DAY;
    if (at > last) return found;
    if (at >= first) found.push(dateTick(at, day, month % 12 ? "month" : "year", every));
  }
}

/**
 * @param {number} at
 * @param {Date} day
 * @param {"month" | "year"} parts
 * @param {number} every
 * @returns {DateTick}
 */
function dateTick(at, day, parts, every) {
  return { at, day, parts: every % 12 ? parts : "year" };
}

/**
 * @param {number} first
 * @param {number} last
 * @param {number} most
 * @returns {DateTick[]}
 */
function dayTicks(first, last, most) {
  const step = Math.max(1, Math.ceil((last - first) / most));
  const found = [];
  for (let at = Math.ceil(first); at <= last; at += step) {
    found.push({ at, day: new Date(at * DAY), parts: /** @type {"day"} */ ("day") });
  }
  return found;
}

/**
 * Return months since a start as days, in steps that divide years or are years.
 * @param {number} first days
 * @param {number} last
 * @param {number} most
 * @returns {{at: number, month: number}[]}
 */
export function monthTicks(first, last, most) {
  const begin = first / MONTH_DAYS;
  const end = last / MONTH_DAYS;
  const step = [1, 2, 3, 6, 12, 24, 36, 60].find((n) => (end - begin) / n <= most) ?? 120;
  const found = [];
  for (let month = Math.ceil(begin / step - 1e-9) * step + 0; month <= end + 1e-9; month += step) {
    found.push({ at: month * MONTH_DAYS, month });
  }
  return found;
}

/**
 * Return the whole months in so many days since a start.
 * @param {number} days
 */
export function monthOf(days) {
  return Math.floor(days / MONTH_DAYS + 1e-9);
}

/** @param {number} number */
function tidy(number) {
  return Number(number.toPrecision(12));
}
