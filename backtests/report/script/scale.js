// Bring numbers to pixels, and keep labels apart.

/**
 * Return the straight line that takes `from` to `start` and `to` to `end`.
 * @param {number} from
 * @param {number} to
 * @param {number} start
 * @param {number} end
 * @returns {(number: number) => number}
 */
export function scale(from, to, start, end) {
  const slope = to === from ? 0 : (end - start) / (to - from);
  return (number) => start + (number - from) * slope;
}

/**
 * Return the index of the number of a rising list that is nearest to one.
 * @param {Float64Array} rising
 * @param {number} wanted
 */
export function nearest(rising, wanted) {
  let low = 0;
  let high = rising.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (rising[middle] < wanted) low = middle;
    else high = middle;
  }
  return wanted - rising[low] <= rising[high] - wanted ? low : high;
}

/**
 * Move places apart to at least `gap`, as little as it takes, between `low` and `high`.
 *
 * Places that would touch are pooled and shared out around their mean, as isotonic regression does.
 * @param {number[]} wanted
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 * @returns {number[]}
 */
export function apart(wanted, gap, low, high) {
  const room = Math.min(gap, (high - low) / Math.max(wanted.length - 1, 1));
  const order = wanted.map((_, at) => at).sort((a, b) => wanted[a] - wanted[b] || a - b);
  /** @type {number[][]} */
  const pools = [];
  order.forEach((at, rank) => {
    pools.push([wanted[at] - rank * room]);
    while (pools.length > 1 && mean(pools[pools.length - 2]) > mean(pools[pools.length - 1])) {
      const last = pools.pop() ?? [];
      pools[pools.length - 1].push(...last);
    }
  });
  const levels = pools.flatMap((pool) => pool.map(() => mean(pool)));
  const most = high - room * (wanted.length - 1);
  /** @type {number[]} */
  const placed = new Array(wanted.length);
  order.forEach((at, rank) => {
    placed[at] = Math.max(low, Math.min(most, levels[rank])) + rank * room;
  });
  return placed;
}

/** @param {number[]} numbers */
function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
