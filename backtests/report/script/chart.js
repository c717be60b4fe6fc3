// Draw a picture as SVG: marks have classes, colours come from the page's style.

import { DOLLARS, OWN } from "./data.js";
import { apart, scale } from "./scale.js";
import { thin } from "./thinning.js";

const SVG = "http://www.w3.org/2000/svg";
const LABEL_GAP = 18;

/**
 * @typedef {object} Picture
 * @property {import("./frame.js").Shown} shown
 * @property {import("./frame.js").Frame} frame
 * @property {import("./data.js").Line} lead the line that stands out
 * @property {boolean} narrow
 * @property {(line: import("./data.js").Line) => {look: string, path: string}} look
 * @property {(line: import("./data.js").Line) => string} ending words at a line's end
 * @property {(line: import("./data.js").Line) => string} deepest words at its worst day
 * @property {string} putIn
 * @property {import("./words.js").Words} words
 */

/**
 * @param {Element} parent
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
export function add(parent, name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text) element.textContent = text;
  parent.append(element);
  return element;
}

/** A drawing in an element: draw a picture, then move its crosshair and its band. */
export class Chart {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.box = { left: 0, right: 0, top: 0, bottom: 0 };
    /** @type {(number: number) => number} */
    this.x = (number) => number;
    /** @type {(number: number) => number} */
    this.y = (number) => number;
    /** @type {SVGElement} */
    this.over = document.createElementNS(SVG, "g");
    this.label = { x: 0, y: 0, width: 0 };
    this.pen = document.createElement("canvas").getContext("2d");
  }

  /** @param {Picture} picture */
  draw(picture) {
    const { width, height } = this.element.getBoundingClientRect();
    // Out of sight, as on paper, there is nothing to draw on.
    if (width === 0) return;
    this.picture = picture;
    this.measure(picture, width, height);
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("aria-hidden", "true");
    this.ground(svg, picture);
    this.axes(svg, picture, height);
    this.lines(svg, picture);
    this.endings(svg, picture, width);
    this.label.width = 0;
    this.worst(svg, picture);
    this.over = add(svg, "g", {});
    this.element.replaceChildren(svg);
  }

  /**
   * Lay the picture out: room for marks on the left and, where wide, for names on the right.
   * @param {Picture} picture
   * @param {number} width
   * @param {number} height
   */
  measure(picture, width, height) {
    const { frame, narrow, shown } = picture;
    const marks = Math.max(...frame.up.map(({ text }) => this.width(text)), 24);
    const names = [...shown.lines.map(picture.ending), picture.putIn].map((t) => this.width(t));
    const beside = narrow ? 8 : Math.min(Math.max(...names) + 22, width * 0.3);
    this.box = {
      left: marks + 10,
      right: width - beside,
      top: (narrow ? 22 : 10) + (this.seam(shown) === null ? 0 : 16),
      bottom: height - 26,
    };
    this.x = scale(frame.left, frame.right, this.box.left, this.box.right);
    this.y = scale(frame.low, frame.high, this.box.bottom, this.box.top);
  }

  /**
   * Return history's last bar where a scenario follows it in the picture.
   * @param {import("./frame.js").Shown} shown
   * @returns {number | null}
   */
  seam({ scene, lines, to }) {
    const real = Math.min(...lines.map((line) => line.real));
    return scene.dated && real < to ? real : null;
  }

  /** @param {string} text */
  width(text) {
    if (!this.pen) return text.length * 8;
    const { fontFamily } = getComputedStyle(this.element);
    this.pen.font = `700 14px ${fontFamily}`;
    return this.pen.measureText(text).width;
  }

  /**
   * @param {Element} svg
   * @param {Picture} picture
   * @param {number} height
   */
  axes(svg, { frame, shown }, height) {
    const { left, right, bottom } = this.box;
    const base = Math.min(this.y(frame.base), bottom);
    if (shown.view === OWN && base < bottom) {
      const size = { x: left, y: base, width: right - left, height: bottom - base };
      add(svg, "rect", { class: "wash", ...size });
    }
    for (const { at, text } of frame.up) {
      const y = this.y(at);
      const zero = Math.abs(at - frame.base) < 1e-9 && !(shown.ratio && shown.view === DOLLARS);
      add(svg, "line", { class: zero ? "zero" : "grid", x1: left, x2: right, y1: y, y2: y });
      add(svg, "text", { class: "axis", x: left - 8, y: y + 4, "text-anchor": "end" }, text);
    }
    for (const { at, text } of frame.across) {
      const x = this.x(at);
      add(svg, "line", { class: "tick", x1: x, x2: x, y1: bottom, y2: bottom + 5 });
      add(svg, "text", { class: "axis", x, y: height - 6, "text-anchor": "middle" }, text);
    }
  }

  /**
   * Hatch the ground from history's end on, and say above both sides what it is.
   * @param {Element} svg
   * @param {Picture} picture
   */
  ground(svg, { shown, words }) {
    const { left, right, top, bottom } = this.box;
    const real = this.seam(shown);
    if (real === null) return;
    const x = Math.max(left, this.x(shown.scene.axis[real]));
    const pattern = { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse" };
    const hatch = add(svg, "pattern", { ...pattern, patternTransform: "rotate(45)" });
    add(hatch, "rect", { class: "hatch-ground", width: 6, height: 6 });
    add(hatch, "line", { class: "hatch", x1: 0, x2: 0, y1: 0, y2: 6 });
    const size = { x, y: top, width: right - x, height: bottom - top };
    add(svg, "rect", { fill: "url(#hatch)", ...size });
    add(svg, "line", { class: "zero", x1: x, x2: x, y1: top, y2: bottom });
    const y = top - 4;
    const before = x - left > this.width(words.history) + 12;
    if (before)
      add(svg, "text", { class: "name halo", x: x - 8, y, "text-anchor": "end" }, words.history);
    const room = right - x - 8 > this.width(words.assumed);
    const said = room ? words.assumed : words.assumed_short;
    add(svg, "text", { class: "name halo lead", x: x + 8, y }, said);
  }

  /**
   * @param {Element} svg
   * @param {Picture} picture
   */
  lines(svg, picture) {
    const { shown, lead, look } = picture;
    if (shown.view === DOLLARS) {
      const different = new Map(shown.lines.map((line) => [line.put.join(), line.put]));
      const real = Math.min(...shown.lines.map((line) => line.real));
      for (const put of different.values()) this.path(svg, picture, put, [real], "line put-in");
    }
    const behind = shown.lines.filter((line) => line !== lead);
    for (const line of [...behind, ...shown.lines.filter((line) => line === lead)]) {
      const kept = [line.real, ...line.worst.map((told) => told.at)];
      const other = shown.scene.dated || line.era === lead.era ? "" : " other";
      const classes = `line ${look(line).look}${line === lead ? " lead" : other}`;
      this.path(svg, picture, line.views[shown.view], kept, classes);
    }
  }

  /**
   * @param {Element} svg
   * @param {Picture} picture
   * Draw numbers; from the first of `kept`, history's end, on they are assumed and dashed.
   * @param {Float64Array} numbers
   * @param {number[]} kept
   * @param {string} classes
   */
  path(svg, { shown, frame }, numbers, kept, classes) {
    const steps = Math.max(50, this.box.right - this.box.left);
    const bars = thin(numbers, shown.from, shown.to, steps, kept);
    const [real] = kept;
    const parts = [bars.filter((bar) => bar <= real), bars.filter((bar) => bar >= real)];
    parts.forEach((part, at) => {
      const points = part.map((bar) => {
        const x = this.x(shown.scene.axis[bar]);
        return `${x.toFixed(1)},${this.y(frame.level(numbers[bar])).toFixed(1)}`;
      });
      const shape = { class: classes + (at ? " assumed" : ""), d: `M${points.join("L")}` };
      if (points.length > 1) add(svg, "path", shape);
    });
  }

  /**
   * Name each line at its end; on a narrow picture the leading and the highest one alone.
   * @param {Element} svg
   * @param {Picture} picture
   * @param {number} width
   */
  endings(svg, picture, width) {
    const { shown, frame, lead, look, ending, narrow } = picture;
    const labels = shown.lines
      .map((line) => ({ line, bar: Math.min(line.last, shown.to) }))
      .filter(({ bar }) => bar >= shown.from)
      .map(({ line, bar }) => ({
        line,
        inside: this.x(shown.scene.axis[bar]) < this.box.right - 1,
        x: this.x(shown.scene.axis[bar]),
        y: this.y(frame.level(line.views[shown.view][bar])),
        text: ending(line),
        classes: `${look(line).look}${line === lead ? " lead" : ""}`,
      }));
    if (narrow) return this.few(svg, labels, lead);
    const money = { x: this.box.right, y: this.y(frame.base), inside: false, classes: "soft" };
    if (shown.view === OWN) labels.push({ ...money, line: lead, text: picture.putIn });
    const edge = labels.filter((label) => !label.inside);
    const places = apart(
      edge.map(({ y }) => y),
      LABEL_GAP,
      this.box.top,
      this.box.bottom,
    );
    edge.forEach(({ x, y, text, classes }, at) => {
      add(svg, "line", { class: "hair", x1: x + 3, x2: x + 11, y1: y, y2: places[at] });
      add(svg, "text", { class: `name ${classes}`, x: x + 14, y: places[at] + 5 }, text);
    });
    for (const { x, y, text, classes } of labels.filter((label) => label.inside)) {
      const left = x + 6 + this.width(text) > width;
      const anchor = { x: left ? x - 4 : x + 6, "text-anchor": left ? "end" : "start" };
      add(svg, "text", { class: `name halo ${classes}`, y: y - 6, ...anchor }, text);
    }
  }

  /**
   * @param {Element} svg
   * @param {{line: import("./data.js").Line, x: number, y: number, text: string, classes: string}[]} labels
   * @param {import("./data.js").Line} lead
   */
  few(svg, labels, lead) {
    const highest = labels.reduce((best, label) => (label.y < best.y ? label : best), labels[0]);
    for (const label of labels.filter((one) => one === highest || one.line === lead)) {
      const y = Math.max(this.box.top + 12, label.y + (label === highest ? -8 : 22));
      const place = {
        x: this.box.right,
        y: Math.min(y, this.box.bottom - 6),
        "text-anchor": "end",
      };
      add(svg, "text", { class: `name halo ${label.classes}`, ...place }, label.text);
    }
  }

  /**
   * Mark each line's worst day, and name the leading one's.
   * @param {Element} svg
   * @param {Picture} picture
   */
  worst(svg, picture) {
    const { shown, frame, lead, deepest } = picture;
    for (const line of shown.lines) {
      const bar = line.worst[shown.view].at;
      if (bar < shown.from || bar > shown.to) continue;
      const x = this.x(shown.scene.axis[bar]);
      const y = this.y(frame.level(line.views[shown.view][bar]));
      this.mark(svg, picture, line, x, y, true);
      if (line === lead) this.named(svg, picture, x, y, deepest(line));
    }
  }

  /**
   * Write words beside a point, on the side with more room, with a leader to it.
   * @param {Element} svg
   * @param {Picture} picture
   * @param {number} x
   * @param {number} y
   * @param {string} text
   */
  named(svg, { look, lead }, x, y, text) {
    const { right, bottom, left } = this.box;
    const free = { right: right - x, left: x - left };
    const fits = free.right > 60 + this.width(text) || free.right > free.left;
    const side = fits ? 1 : -1;
    const low = y + (y > bottom - 40 ? -18 : 18);
    const shape = { x1: x + side * 7, y1: y, x2: x + side * 50, y2: low };
    add(svg, "line", { class: `leader ${look(lead).look}`, ...shape });
    const most = this.element.clientWidth - this.width(text);
    const beside = side > 0 ? x + 54 : x - 54 - this.width(text);
    const place = { x: Math.max(0, Math.min(beside, most)), y: low + 5 };
    this.label = { ...place, width: this.width(text) };
    add(svg, "text", { class: `name halo lead ${look(lead).look}`, ...place }, text);
  }

  /**
   * @param {Element} parent
   * @param {Picture} picture
   * @param {import("./data.js").Line} line
   * @param {number} x
   * @param {number} y
   * @param {boolean} full
   */
  mark(parent, { look }, line, x, y, full) {
    const { look: name, path } = look(line);
    const classes = `mark ${name}${full ? " full" : ""}`;
    add(parent, "path", { class: classes, d: path, transform: `translate(${x},${y})` });
  }

  /**
   * Put the crosshair on a bar, with its date over the line where there is no box beside it.
   * @param {number} bar
   * @param {string} text
   */
  cross(bar, text) {
    const { picture } = this;
    if (!picture) return;
    const { top, bottom, left, right } = this.box;
    const { shown, frame } = picture;
    const x = this.x(shown.scene.axis[bar]);
    this.over.replaceChildren();
    add(this.over, "line", { class: "cross", x1: x, x2: x, y1: top, y2: bottom });
    if (picture.narrow) {
      const half = this.width(text) / 2;
      const place = { x: Math.max(left + half - 30, Math.min(right - half, x)), y: 15 };
      add(this.over, "text", { class: "name lead", "text-anchor": "middle", ...place }, text);
    }
    for (const line of shown.lines) {
      const number = line.views[shown.view][bar];
      if (Number.isNaN(number)) continue;
      this.mark(
        this.over,
        picture,
        line,
        x,
        this.y(frame.level(number)),
        line.worst[shown.view].at === bar,
      );
    }
  }

  /**
   * Shade what a stroke of the pointer has chosen, in pixels of the window.
   * @param {number} from
   * @param {number} to
   */
  band(from, to) {
    this.over.querySelector(".band")?.remove();
    if (from === to) return;
    const { left } = this.element.getBoundingClientRect();
    const { top, bottom } = this.box;
    const shape = { x: Math.min(from, to) - left, width: Math.abs(to - from) };
    add(this.over, "rect", { class: "band", y: top, height: bottom - top, ...shape });
  }

  /**
   * Return the place on the axis under a pixel of the window.
   * @param {number} pixel
   */
  under(pixel) {
    const { left, right } = this.box;
    const inside = Math.max(
      left,
      Math.min(right, pixel - this.element.getBoundingClientRect().left),
    );
    const frame = this.picture?.frame ?? { left: 0, right: 1 };
    return scale(left, right, frame.left, frame.right)(inside);
  }

  /**
   * Return the points of all lines, and of the label on the worst day, as parts of the picture, for
   * whoever looks for free room.
   * @returns {[number, number][]}
   */
  points() {
    const { picture } = this;
    if (!picture) return [];
    const { shown, frame } = picture;
    const { width, height } = this.element.getBoundingClientRect();
    const stride = Math.max(1, Math.floor((shown.to - shown.from) / 300));
    const { x, y, width: long } = this.label;
    // To cover the label is as bad as to cover a whole line.
    const label = Array.from({ length: long ? 300 : 0 }, (_, at) => {
      return /** @type {[number, number]} */ ([(x + (at / 300) * long) / width, y / height]);
    });
    const points = shown.lines.flatMap((line) => {
      /** @type {[number, number][]} */
      const found = [];
      for (let bar = shown.from; bar <= shown.to; bar += stride) {
        const y = this.y(frame.level(line.views[shown.view][bar]));
        if (!Number.isNaN(y)) found.push([this.x(shown.scene.axis[bar]) / width, y / height]);
      }
      return found;
    });
    return [...label, ...points];
  }
}
