// Mouse, pen and fingers: one reads, a stroke of the mouse or two fingers zoom.

import { nearest } from "./scale.js";

/** A shorter stroke is a click. */
const STROKE = 8;

/**
 * @typedef {object} Asked
 * @property {() => Float64Array} axis
 * @property {(bar: number) => void} move
 * @property {(from: number, to: number) => void} zoom
 * @property {() => void} whole
 */

/**
 * @param {HTMLElement} element
 * @param {import("./chart.js").Chart} chart
 * @param {Asked} asked
 */
export function followPointer(element, chart, asked) {
  /** @type {Map<number, number>} */
  const fingers = new Map();
  /** @type {number[]} */
  let held = [];
  /** @type {number | null} */
  let start = null;
  /** @param {number} pixel */
  const barUnder = (pixel) => nearest(asked.axis(), chart.under(pixel));

  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, event.clientX);
    else if (event.button === 0) start = event.clientX;
    held = [...fingers.values()].sort((a, b) => a - b).map((pixel) => chart.under(pixel));
    asked.move(barUnder(event.clientX));
  });

  element.addEventListener("pointermove", (event) => {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event.clientX);
    if (fingers.size > 1) {
      pinch();
      return;
    }
    asked.move(barUnder(event.clientX));
    if (start !== null) chart.band(start, event.clientX);
  });

  addEventListener("pointerup", (event) => {
    fingers.delete(event.pointerId);
    if (start === null) return;
    chart.band(0, 0);
    if (Math.abs(event.clientX - start) > STROKE)
      asked.zoom(barUnder(start), barUnder(event.clientX));
    start = null;
  });
  addEventListener("pointercancel", (event) => {
    fingers.delete(event.pointerId);
    chart.band(0, 0);
    start = null;
  });
  element.addEventListener("dblclick", asked.whole);

  /** Keep the days that were under two fingers under them. */
  function pinch() {
    const { left, right } = chart.box;
    const edge = element.getBoundingClientRect().left;
    const [one, other] = [...fingers.values()]
      .sort((a, b) => a - b)
      .map((pixel) => (pixel - edge - left) / (right - left));
    if (other - one < 0.05 || held.length < 2) return;
    const size = (held[1] - held[0]) / (other - one);
    const from = held[0] - one * size;
    asked.zoom(nearest(asked.axis(), from), nearest(asked.axis(), from + size));
  }
}
