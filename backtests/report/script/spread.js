// A sweep's chart: every start month is a dot, and the crosshair opens its three falls.

import { add, Chart } from "./chart.js";
import { cumulative, FALL_PARTS, FUND, OWN, STATEMENT } from "./data.js";
import { Explorer } from "./explorer.js";
import { rowsAt } from "./readout.js";
import { DAY } from "./ticks.js";
import { dateText, fill } from "./words.js";

/** A view more than a report has: how far below the money put in, at worst. */
const BELOW = 4;
const READ = [OWN, FUND, STATEMENT, BELOW];

/** Draw a dot for each bar where other charts have a line. */
class Dots extends Chart {
  /**
   * @param {Element} svg
   * @param {import("./chart.js").Picture} picture
   * @param {Float64Array} numbers
   * @param {number[]} kept
   * @param {string} classes
   */
  path(svg, picture, numbers, kept, classes) {
    const { shown, frame } = picture;
    if (classes.includes("put-in")) {
      super.path(svg, picture, numbers, kept, classes);
      return;
    }
    let dots = "";
    for (let bar = shown.from; bar <= shown.to; bar++) {
      const y = this.y(frame.level(numbers[bar]));
      if (!Number.isNaN(y))
        dots += `M${this.x(shown.scene.axis[bar]).toFixed(1)},${y.toFixed(1)}h0`;
    }
    const room = (this.box.right - this.box.left) / (shown.to - shown.from + 1);
    const small = room < 3 ? " small" : "";
    add(svg, "path", { class: `${classes} dots${small}`, d: dots });
  }

  /**
   * The readout lies below: the month is written over the crosshair.
   * @param {number} bar
   * @param {string} text
   */
  cross(bar, text) {
    super.cross(bar, text);
    if (!this.picture || this.picture.narrow) return;
    const half = this.width(text) / 2;
    const x = this.x(this.picture.shown.scene.axis[bar]);
    const place = { x: Math.max(this.box.left + half, x), y: this.box.top - 4 };
    add(this.over, "text", { class: "name lead", "text-anchor": "middle", ...place }, text);
  }
}

/**
 * A horizon's windows; `below` is a list a run.
 * @typedef {import("./data.js").PackedEra & {years: number, below: number[][]}} Horizon
 * @typedef {import("./words.js").Words & {begun: string, until: string, heads: string[]}} SpreadWords
 * @typedef {import("./explorer.js").Packed & {eras: Horizon[], words: SpreadWords}} PackedSpread
 */

/** The chart of a sweep with its controls. */
export class Spread extends Explorer {
  /** @param {PackedSpread} packed */
  constructor(packed) {
    super(packed, new Dots(/** @type {HTMLElement} */ (document.getElementById("plot"))));
    this.said = packed.words;
    this.horizons = packed.eras;
    this.eras.forEach((era, at) => {
      era.lines.forEach((line, run) => {
        const below = cumulative(packed.eras[at].below[run]);
        line.views.push(below.map((parts) => parts / FALL_PARTS));
      });
    });
  }

  /** @param {number} bar */
  place(bar) {
    return this.month(this.choice.scene.axis[bar], 0);
  }

  /**
   * Write the month of a day, or one so many months later.
   * @param {number} day days since 1970
   * @param {number} later
   */
  month(day, later) {
    const date = new Date(day * DAY);
    const month = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later));
    return dateText(this.words, "month", month);
  }

  /** Dots need no end. */
  endingOf() {
    return "";
  }

  /**
   * @param {string} place
   * @param {import("./readout.js").Row[]} rows
   * @param {number | null} put
   */
  fill(place, rows, put) {
    super.fill(fill(this.said.begun, { "": place }), rows, put);
    const { scene, bar } = this.choice;
    const { years } = this.horizons[this.eras.indexOf(scene)];
    const until = fill(this.said.until, { "": this.month(scene.axis[bar], 12 * years - 1) });
    const paid = document.getElementById("reading-put");
    if (paid) paid.textContent = [until, paid.textContent].filter(Boolean).join(this.words.comma);
  }

  /** @param {import("./readout.js").Row} row */
  readOf({ line }) {
    const told = READ.flatMap((view) => rowsAt(this.words, [line], view, this.choice.bar));
    return [told[0]?.usd ?? "", ...told.map((row) => row.share)];
  }

  /** @param {import("./readout.js").Row} row */
  spokenOf(row) {
    const { heads } = this.said;
    return this.readOf(row)
      .map((text, at) => `${heads[at]} ${text}`)
      .join(this.words.comma);
  }
}
