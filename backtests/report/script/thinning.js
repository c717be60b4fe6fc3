// Leave out what no eye can see, never a trough.

/**
 * Return the bars to draw from `from` to `to`: each step's lowest and highest, both ends, and every
 * bar of `kept`; all of them where there are few.
 * @param {Float64Array} numbers NaN where there is nothing to draw
 * @param {number} from
 * @param {number} to
 * @param {number} steps
 * @param {number[]} kept
 * @returns {number[]}
 */
export function thin(numbers, from, to, steps, kept) {
  const wanted = new Set([from, to, ...kept.filter((bar) => bar >= from && bar <= to)]);
  const size = Math.max(1, (to - from + 1) / steps);
  for (let start = from; start <= to; start += size) {
    const begin = Math.round(start);
    const end = Math.min(to, Math.max(begin, Math.round(start + size) - 1));
    const [low, high] = extremes(numbers, begin, end);
    wanted.add(low).add(high);
  }
  return [...wanted].filter((bar) => !Number.isNaN(numbers[bar])).sort((a, b) => a - b);
}

/**
 * Return the bars of the lowest and the highest number, the first of equals.
 * @param {Float64Array} numbers
 * @param {number} from
 * @param {number} to
 * @returns {[number, number]}
 */
export function extremes(numbers, from, to) {
  let low = from;
  let high = from;
  for (let bar = from; bar <= to; bar++) {
    if (numbers[bar] < numbers[low] || Number.isNaN(numbers[low])) low = bar;
    if (numbers[bar] > numbers[high] || Number.isNaN(numbers[high])) high = bar;
  }
  return [low, high];
}
