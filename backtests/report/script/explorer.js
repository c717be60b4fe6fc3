// Bind the page's controls to the chart.

import { Chart } from "./chart.js";
import { aligned, DOLLARS, eraScene, OWN } from "./data.js";
import { framed } from "./frame.js";
import { followPointer } from "./pointer.js";
import { emptiest, placeText, putIn, rowsAt } from "./readout.js";
import {
  alone,
  chosen,
  isRatio,
  leading,
  MONEY_VIEWS,
  press,
  rest,
  scaled,
  span,
  zoom,
} from "./view.js";
import { fill, money } from "./words.js";

const SPOKEN_AFTER = 300;
const NARROW = 700;

/**
 * @typedef {object} Packed
 * @property {import("./words.js").Words} words
 * @property {[string, string][]} views
 * @property {{name: string, look: string, mark: string}[]} strategies
 * @property {import("./data.js").PackedEra[]} eras
 * @property {number} era
 * @property {number} strategy
 * @property {number[]} [shown] the strategies whose lines are there at first, without it all
 */

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function find(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * @param {string} name
 * @returns {HTMLInputElement[]}
 */
function inputs(name) {
  const found = document.querySelectorAll(`input[name="${name}"]`);
  return /** @type {HTMLInputElement[]} */ ([...found]);
}

/** The chart with its controls. */
export class Explorer {
  /**
   * @param {Packed} packed
   * @param {Chart} [chart]
   */
  constructor(packed, chart = new Chart(find("plot"))) {
    this.packed = packed;
    this.words = packed.words;
    this.eras = packed.eras.map(eraScene);
    this.chart = chart;
    this.spoken = 0;
    /** @type {Set<number> | null} */
    this.before = null;
    /** @type {import("./view.js").Choice} */
    this.choice = {
      scene: this.eras[packed.era],
      view: OWN,
      strategies: new Set(packed.shown ?? packed.strategies.keys()),
      first: { strategy: packed.strategy, era: packed.era },
      ratio: [null, null],
      zoom: null,
      bar: 0,
    };
  }

  /** Show the controls and answer to them. */
  start() {
    document.documentElement.classList.add("js");
    for (const element of document.querySelectorAll("[data-js]")) element.removeAttribute("hidden");
    this.listen();
    rest(this.choice);
    this.draw();
    new ResizeObserver(() => this.draw()).observe(find("plot"));
  }

  listen() {
    document.addEventListener("change", (event) => {
      const input = /** @type {HTMLInputElement} */ (event.target);
      if (input.name === "era") this.chooseEra(input.value);
      else if (input.name === "view") this.chooseView(Number(input.value));
      else if (input.name === "strategy") this.chooseStrategy(Number(input.value), input.checked);
      else if (input.name === "ratio") this.choice.ratio[this.choice.view] = input.checked;
      else return;
      this.draw();
    });
    find("plot").addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (!press(this.choice, event.key, event.shiftKey)) return;
      event.preventDefault();
      if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") this.read();
      else this.draw();
    });
    followPointer(find("plot"), this.chart, {
      axis: () => this.choice.scene.axis,
      move: (bar) => {
        const [low, high] = span(this.choice);
        this.choice.bar = Math.max(low, Math.min(high, bar));
        this.read();
      },
      zoom: (from, to) => this.zoomed(() => zoom(this.choice, from, to)),
      whole: () => this.whole(),
    });
    find("closer").addEventListener("click", () => this.zoomed(() => scaled(this.choice, 0.5)));
    find("further").addEventListener("click", () => this.zoomed(() => scaled(this.choice, 2)));
    find("whole").addEventListener("click", () => this.whole());
    find("all").addEventListener("click", () => this.chooseAll());
  }

  whole() {
    this.zoomed(() => zoom(this.choice, 0, this.choice.scene.axis.length - 1));
    find("plot").focus();
  }

  /** @param {() => void} change */
  zoomed(change) {
    change();
    this.draw();
  }

  /** @param {string} value an era's place, or "aligned" */
  chooseEra(value) {
    const { choice } = this;
    choice.zoom = null;
    choice.ratio = [null, null];
    if (value === "aligned") {
      this.before = choice.strategies;
      choice.strategies = alone(choice);
      choice.scene = aligned(this.eras);
    } else {
      choice.strategies = this.before ?? choice.strategies;
      this.before = null;
      choice.scene = this.eras[Number(value)];
      this.showEra(value);
    }
    this.tick();
    rest(choice);
  }

  /**
   * Show an era's cards and table in the place of those that stand there.
   * @param {string} value
   */
  showEra(value) {
    for (const cards of document.querySelectorAll(".savers")) {
      cards.toggleAttribute("hidden", cards.getAttribute("data-era") !== value);
    }
    const shown = find("shown").firstElementChild;
    const wanted = document.querySelector(`section[data-era="${value}"]`);
    if (!shown || !wanted || shown === wanted) return;
    const gap = document.createElement("div");
    wanted.replaceWith(gap);
    shown.replaceWith(wanted);
    gap.replaceWith(shown);
  }

  /** @param {number} view */
  chooseView(view) {
    this.choice.view = view;
    rest(this.choice);
  }

  /**
   * @param {number} strategy
   * @param {boolean} on
   */
  chooseStrategy(strategy, on) {
    if (on) this.choice.strategies.add(strategy);
    else this.choice.strategies.delete(strategy);
    this.tick();
  }

  chooseAll() {
    this.choice.strategies = new Set(this.packed.strategies.keys());
    this.tick();
    this.draw();
  }

  /** Every era has its cards: tick the boxes of all of them. */
  tick() {
    for (const box of inputs("strategy")) {
      box.checked = this.choice.strategies.has(Number(box.value));
    }
  }

  draw() {
    const { choice, words } = this;
    const lines = chosen(choice);
    find("no-line").hidden = lines.length > 0;
    find("plot").classList.toggle("empty", lines.length === 0);
    find("reading").hidden = lines.length === 0;
    const [title, means] = this.packed.views[choice.view];
    const ratio = isRatio(choice);
    find("chart-title").textContent = title;
    find("chart-means").textContent = [
      means,
      ratio ? words.ratio : "",
      choice.scene.dated ? "" : words.months_since,
      lines.some((line) => this.packed.eras[line.era].thinned) ? words.thinned : "",
    ]
      .filter(Boolean)
      .join(words.gap);
    find("ratio").hidden = !MONEY_VIEWS.includes(choice.view);
    for (const box of inputs("ratio")) box.checked = ratio;
    this.tellSpan();
    if (!lines.length) {
      this.chart.element.replaceChildren();
      return;
    }
    this.paint(lines, ratio);
    this.read();
  }

  /**
   * @param {import("./data.js").Line[]} lines
   * @param {boolean} ratio
   */
  paint(lines, ratio) {
    const { choice, words, packed } = this;
    const [from, to] = span(choice);
    const narrow = innerWidth <= NARROW;
    const shown = { scene: choice.scene, lines, view: choice.view, from, to, ratio };
    const lead = leading(choice);
    find("plot").setAttribute("aria-label", this.sentence(lines));
    this.chart.draw({
      shown,
      frame: framed(words, shown, narrow ? 4 : 12),
      lead,
      narrow,
      look: (line) => ({
        look: packed.strategies[line.strategy].look,
        path: packed.strategies[line.strategy].mark,
      }),
      ending: (line) => `${this.name(line)} ${this.endingOf(line)}`,
      deepest: (line) => (narrow ? this.deepest(line) : `${this.name(line)} ${this.deepest(line)}`),
      putIn: words.put_in,
      words,
    });
  }

  /** @param {import("./data.js").Line} line */
  name(line) {
    const { name } = this.packed.strategies[line.strategy];
    if (this.choice.scene.dated) return name;
    return fill(this.words.of_era, { line: name, era: this.packed.eras[line.era].short });
  }

  /** @param {import("./data.js").Line} line */
  endingOf(line) {
    const { view, scene } = this.choice;
    const bar = Math.min(line.last, span(this.choice)[1]);
    if (bar === line.last && view <= DOLLARS) return line.end[view];
    const [row] = rowsAt(this.words, [line], view, bar);
    if (!row || !scene) return "";
    return view === DOLLARS ? row.usd : row.share;
  }

  /** @param {import("./data.js").Line} line */
  deepest(line) {
    const { at, short } = line.worst[this.choice.view];
    if (this.choice.view !== DOLLARS) return short ?? "";
    return money(this.words, line.views[DOLLARS][at]);
  }

  /**
   * Say the picture in a sentence, for those who do not see it.
   * @param {import("./data.js").Line[]} lines
   */
  sentence(lines) {
    const { choice, words } = this;
    const [title] = this.packed.views[choice.view];
    const told = lines.map((line) => {
      const { at, text } = line.worst[choice.view];
      const said = { line: this.name(line), "": text };
      if (at < 0) return fill(words.lowest, said);
      return fill(words.lowest_on, { ...said, place: this.place(at) });
    });
    return fill(words.picture, { title, lines: told.join(words.semicolon), keys: words.keys });
  }

  tellSpan() {
    const { choice, words } = this;
    const [from, to] = span(choice);
    const ends = { first: this.place(from), last: this.place(to) };
    find("span").textContent = fill(words.span, ends);
    find("whole").hidden = !choice.zoom;
  }

  /** Read every line at the crosshair. */
  read() {
    const { choice, words } = this;
    const lines = chosen(choice);
    if (!lines.length) return;
    const rows = rowsAt(words, lines, choice.view, choice.bar);
    const place = this.place(choice.bar);
    this.chart.cross(choice.bar, place);
    this.fill(place, rows, putIn(lines, choice.bar));
    this.settle();
    clearTimeout(this.spoken);
    this.spoken = setTimeout(() => {
      const said = rows.map((row) => `${this.name(row.line)} ${this.spokenOf(row)}`);
      find("spoken").textContent = [place, ...said].join(words.comma);
    }, SPOKEN_AFTER);
  }

  /**
   * Write where a bar lies.
   * @param {number} bar
   */
  place(bar) {
    return placeText(this.words, this.choice.scene, bar);
  }

  /**
   * Return what the readout has beside a line's name.
   * @param {import("./readout.js").Row} row
   */
  readOf(row) {
    return [row.share, row.usd];
  }

  /** @param {import("./readout.js").Row} row */
  spokenOf(row) {
    return this.choice.view === DOLLARS ? row.usd : row.share;
  }

  /**
   * Fill the readout.
   * @param {string} place
   * @param {import("./readout.js").Row[]} rows
   * @param {number | null} put
   */
  fill(place, rows, put) {
    const { words } = this;
    find("reading-place").textContent = place;
    find("reading-put").textContent = put === null ? "" : `${words.put_in} ${money(words, put)}`;
    const template = /** @type {HTMLTemplateElement} */ (find("reading-row"));
    const filled = rows.map((row) => {
      const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
      const { look, mark } = this.packed.strategies[row.line.strategy];
      copy.querySelector("tr")?.classList.add(look);
      copy.querySelector("path")?.setAttribute("d", mark);
      const texts = [this.name(row.line), ...this.readOf(row)];
      copy.querySelectorAll("[data-text]").forEach((element, at) => {
        element.textContent = texts[at];
      });
      return copy;
    });
    find("reading-rows").replaceChildren(...filled);
  }

  /** Put the readout into the corner where it covers least. */
  settle() {
    const box = find("reading");
    const plot = find("plot").getBoundingClientRect();
    const { choice, chart } = this;
    const wide = (box.offsetWidth + 24) / plot.width;
    const high = (box.offsetHeight + 24) / plot.height;
    const { left, right } = chart.box;
    const inner = chart
      .points()
      .map(
        ([x, y]) => /** @type {[number, number]} */ ([(x * plot.width - left) / (right - left), y]),
      );
    const across = (chart.x(choice.scene.axis[choice.bar]) - left) / (right - left);
    const corner = emptiest(inner, (wide * plot.width) / (right - left), high, across);
    const frame = find("plot").parentElement;
    frame?.style.setProperty("--left", `${Math.round(left) + 8}px`);
    frame?.style.setProperty("--right", `${Math.round(plot.width - right) + 8}px`);
    box.classList.toggle("right", corner.right);
    box.classList.toggle("low", corner.low);
  }
}
