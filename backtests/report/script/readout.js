// Say what stands at a bar: every chosen line's numbers, highest first.

import { DOLLARS, OWN } from "./data.js";
import { monthOf } from "./ticks.js";
import { dayText, fill, money, percent } from "./words.js";

/**
 * @typedef {object} Row
 * @property {import("./data.js").Line} line
 * @property {number} level the number of the view
 * @property {string} share
 * @property {string} usd
 */

/**
 * Return the rows at a bar; lines that have no number there are left out.
 * @param {import("./words.js").Words} words
 * @param {import("./data.js").Line[]} lines
 * @param {number} view
 * @param {number} bar
 * @returns {Row[]}
 */
export function rowsAt(words, lines, view, bar) {
  return lines
    .filter((line) => !Number.isNaN(line.views[view][bar]))
    .map((line) => ({
      line,
      level: line.views[view][bar],
      share: share(words, line, view === DOLLARS ? OWN : view, bar),
      usd: bar === line.last ? line.end[1] : money(words, line.views[DOLLARS][bar]),
    }))
    .sort((a, b) => b.level - a.level);
}

/**
 * Write a line's fraction at a bar; on its worst day as the report prints it.
 * @param {import("./words.js").Words} words
 * @param {import("./data.js").Line} line
 * @param {number} view
 * @param {number} bar
 */
function share(words, line, view, bar) {
  const told = line.worst[view];
  return told.at === bar ? told.text : percent(words, line.views[view][bar], 1, view === OWN);
}

/**
 * Write where a bar lies: its day, or the months since the start.
 * @param {import("./words.js").Words} words
 * @param {import("./data.js").Scene} scene
 * @param {number} bar
 */
export function placeText(words, scene, bar) {
  if (!scene.dated) return fill(words.month, { "": `${monthOf(scene.axis[bar])}` });
  const day = dayText(words, scene.axis[bar]);
  return scene.lines.some((line) => bar > line.real) ? fill(words.in_scenario, { "": day }) : day;
}

/**
 * Return the money put in at a bar where all lines agree on it, else nothing.
 * @param {import("./data.js").Line[]} lines
 * @param {number} bar
 */
export function putIn(lines, bar) {
  const sums = new Set(lines.map((line) => line.put[bar]).filter((sum) => !Number.isNaN(sum)));
  return sums.size === 1 ? [...sums][0] : null;
}

/**
 * Return the bar of a line that its marks rest on: its worst day, else its last.
 * @param {import("./data.js").Line} line
 * @param {number} view
 */
export function restingBar(line, view) {
  return line.worst[view].at < 0 ? line.last : line.worst[view].at;
}

/**
 * Choose the corner of a picture with the fewest points that a box would cover.
 *
 * Points and box are parts of the picture, from the left and from the top; a corner that the
 * upright line at `avoid` would cross is taken last.
 * @param {[number, number][]} points
 * @param {number} width
 * @param {number} height
 * @param {number} avoid
 * @returns {{right: boolean, low: boolean}}
 */
export function emptiest(points, width, height, avoid) {
  const corners = [false, true].flatMap((low) => [false, true].map((right) => ({ right, low })));
  const covered = corners.map(({ right, low }) => {
    const crossed = right ? avoid > 1 - width : avoid < width;
    const inside = points.filter(
      ([x, y]) => (right ? x > 1 - width : x < width) && (low ? y > 1 - height : y < height),
    );
    return inside.length + (crossed ? points.length + 1 : 0);
  });
  return corners[covered.indexOf(Math.min(...covered))];
}
