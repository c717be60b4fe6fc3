// Unpack what the page carries: whole numbers, each the difference to the one before it.

/** The four views, as places in a line's `views`. */
export const OWN = 0;
export const DOLLARS = 1;
export const FUND = 2;
export const STATEMENT = 3;

export const FALL_PARTS = 100000;

/**
 * A figure as the report prints it, and the bar it belongs to; bar -1 where it never fell.
 * @typedef {{at: number, text: string, short?: string}} Told
 *
 * @typedef {object} PackedRun
 * @property {number} strategy
 * @property {number} first bar of the era at which the run begins
 * @property {number} unit parts of a dollar
 * @property {number[]} value
 * @property {number[]} fund
 * @property {number[]} [statement] where not every day is there to follow the high
 * @property {number} paid which of the era's lists of payments
 * @property {Told[]} worst a figure a view
 * @property {string[]} end gain and value on the last bar
 *
 * @typedef {object} PackedEra
 * @property {string} short name for its start
 * @property {number[]} days
 * @property {boolean} thinned
 * @property {number} real the last bar that is history; what follows is assumed
 * @property {PackedRun[]} runs
 * @property {number[][][]} paid bars and sums
 *
 * One strategy in one era; `views` and `put` have a number a bar, NaN where there is no run.
 * @typedef {object} Line
 * @property {number} strategy
 * @property {number} era
 * @property {number} first
 * @property {number} last
 * @property {number} real
 * @property {Float64Array[]} views
 * @property {Float64Array} put
 * @property {Told[]} worst
 * @property {string[]} end
 *
 * Lines over one axis: days since 1970, or days since each era's start.
 * @typedef {object} Scene
 * @property {boolean} dated
 * @property {Float64Array} axis
 * @property {Line[]} lines
 */

/**
 * Add up differences.
 * @param {number[]} steps
 * @returns {Float64Array}
 */
export function cumulative(steps) {
  let sum = 0;
  return Float64Array.from(steps, (step) => {
    sum += step;
    return sum;
  });
}

/**
 * Lay numbers over `length` bars from `first` on.
 * @param {ArrayLike<number>} numbers
 * @param {number} first
 * @param {number} length
 * @param {number} parts
 */
function laid(numbers, first, length, parts) {
  const found = new Float64Array(length).fill(Number.NaN);
  for (let at = 0; at < numbers.length; at++) found[first + at] = numbers[at] / parts;
  return found;
}

/**
 * Follow the money put in over all bars.
 * @param {number[][]} paid bars and sums, as steps and as they are
 * @param {number} length
 * @param {number} parts
 */
function followed(paid, length, parts) {
  const bars = cumulative(paid[0]);
  const sums = cumulative(paid[1]);
  const found = new Float64Array(length).fill(Number.NaN);
  bars.forEach((bar, at) => {
    found.fill(sums[at] / parts, bar);
  });
  return found;
}

/**
 * Return how far numbers stand below their highest so far.
 * @param {Float64Array} numbers
 */
export function belowHigh(numbers) {
  let high = 0;
  return numbers.map((number) => {
    if (number > high) high = number;
    return high > 0 ? number / high - 1 : 0 * number;
  });
}

/**
 * @param {PackedRun} run
 * @param {PackedEra} packed
 * @param {number} era
 * @returns {Line}
 */
function line(run, packed, era) {
  const length = packed.days.length;
  const { first, unit, strategy, worst, end } = run;
  const value = laid(cumulative(run.value), first, length, unit);
  const put = followed(packed.paid[run.paid], length, unit);
  const own = value.map((worth, at) => (put[at] > 0 ? worth / put[at] - 1 : 0 * worth));
  const fund = laid(cumulative(run.fund), first, length, FALL_PARTS);
  const statement = run.statement
    ? laid(cumulative(run.statement), first, length, FALL_PARTS)
    : belowHigh(value);
  const last = first + run.value.length - 1;
  const views = [own, value, fund, statement];
  return { strategy, era, first, last, real: packed.real, views, put, worst, end };
}

/**
 * Return an era's lines over its own days.
 * @param {PackedEra} packed
 * @param {number} era
 * @returns {Scene}
 */
export function eraScene(packed, era) {
  const lines = packed.runs.map((run) => line(run, packed, era));
  return { dated: true, axis: cumulative(packed.days), lines };
}

/**
 * Lay eras on one another by the days since the start of each.
 * @param {Scene[]} eras
 * @returns {Scene}
 */
export function aligned(eras) {
  const ages = eras.map((era) => era.axis.map((day) => day - era.axis[0]));
  const axis = Float64Array.from(new Set(ages.flatMap((age) => [...age]))).sort();
  const lines = eras.flatMap((era, at) => {
    const bars = held(ages[at], axis);
    return era.lines.map((one) => moved(one, bars));
  });
  return { dated: false, axis, lines };
}

/**
 * For each place on the axis the last bar at or before it, -1 past the end.
 * @param {Float64Array} age
 * @param {Float64Array} axis
 */
function held(age, axis) {
  let bar = 0;
  return Array.from(axis, (place) => {
    while (bar + 1 < age.length && age[bar + 1] <= place) bar++;
    return place > age[age.length - 1] ? -1 : bar;
  });
}

/**
 * @param {Line} one
 * @param {number[]} bars
 * @returns {Line}
 */
function moved(one, bars) {
  /** @param {Float64Array} from */
  const sampled = (from) => Float64Array.from(bars, (bar) => (bar < 0 ? Number.NaN : from[bar]));
  return {
    ...one,
    first: bars.indexOf(one.first),
    last: bars.indexOf(one.last),
    real: bars.lastIndexOf(one.real),
    views: one.views.map(sampled),
    put: sampled(one.put),
    worst: one.worst.map((told) => ({ ...told, at: told.at < 0 ? -1 : bars.indexOf(told.at) })),
  };
}
