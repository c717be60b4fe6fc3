import assert from "node:assert/strict";
import test from "node:test";
import {
  aligned,
  belowHigh,
  DOLLARS,
  eraScene,
  FUND,
  OWN,
  STATEMENT,
} from "../../backtests/report/script/data.js";
import { framed, wantsRatio } from "../../backtests/report/script/frame.js";
import { emptiest, placeText, putIn, rowsAt } from "../../backtests/report/script/readout.js";
import { apart, nearest, scale } from "../../backtests/report/script/scale.js";
import { thin } from "../../backtests/report/script/thinning.js";
import {
  chosen,
  isRatio,
  leading,
  monthAway,
  press,
  rest,
  scaled,
  span,
  zoom,
} from "../../backtests/report/script/view.js";
import {
  dateText,
  dayText,
  factor,
  fill,
  money,
  percent,
  shortMoney,
  tickText,
} from "../../backtests/report/script/words.js";

const words = {
  minus: "\u2212",
  sign: "$",
  percent: "{}\u00a0%",
  large: [
    [1e6, "M"],
    [1e3, "k"],
  ],
  months:
    "January February March April May June July August September October November December".split(
      " ",
    ),
  dates: { day: "d MMMM y", month: "MMMM y", short: "MMM y", near: "d MMM" },
  gap: " ",
  comma: ", ",
  semicolon: "; ",
  put_in: "money put in",
  of_era: "{line}, {era}",
  lowest: "{line}: lowest {}",
  lowest_on: "{line}: lowest {} on {place}",
  month: "Month {}",
  months_since: "",
  ratio: "",
  times: "{} times",
  factors: { 0.5: "half", 1: "own money", 2: "double" },
  picture: "{title}. {lines}. {keys}",
  keys: "",
  span: "{first} to {last}",
  in_scenario: "{} (scenario)",
};
const never = { at: -1, text: "0\u00a0%" };

/**
 * Two savers: one pays $1,000 on bars 0 and 2, the other begins on bar 1.
 * @param {number} start the first day since 1970
 */
function era(start) {
  return {
    short: `${start}`,
    real: 4,
    days: [start, 1, 3, 1, 1],
    paid: [
      [
        [0, 2],
        [100000, 100000],
      ],
      [[1], [50000]],
    ],
    runs: [
      {
        strategy: 0,
        first: 0,
        unit: 100,
        value: [100000, -30000, 100000, 30000, 20000],
        fund: [0, -30000, 2000, 8000, 20000],
        statement: [0, -30000, 30000, 0, 0],
        paid: 0,
        worst: [{ at: 1, text: "\u221230.0\u00a0%" }, never, { at: 1, text: "x" }, never],
        end: ["+10\u00a0%", "$2,200"],
      },
      {
        strategy: 1,
        first: 1,
        unit: 100,
        value: [50000, 60000],
        fund: [0, 0],
        paid: 1,
        worst: [never, never, never, never],
        end: ["+120\u00a0%", "$1,100"],
      },
    ],
  };
}

test("what is packed comes back bar by bar, with nothing where there is no run", () => {
  const scene = eraScene(era(10000), 0);
  const [first, second] = scene.lines;
  assert.deepEqual([...scene.axis], [10000, 10001, 10004, 10005, 10006]);
  assert.deepEqual([...first.views[DOLLARS]], [1000, 700, 1700, 2000, 2200]);
  assert.deepEqual([...first.put], [1000, 1000, 2000, 2000, 2000]);
  assert.deepEqual(
    [...first.views[OWN]].map((gain) => Number(gain.toFixed(6))),
    [0, -0.3, -0.15, 0, 0.1],
  );
  assert.deepEqual([...first.views[FUND]], [0, -0.3, -0.28, -0.2, 0]);
  assert.deepEqual([...first.views[STATEMENT]], [0, -0.3, 0, 0, 0]);
  assert.deepEqual([...second.views[DOLLARS]], [NaN, 500, 1100, NaN, NaN]);
  assert.deepEqual([second.first, second.last], [1, 2]);
  assert.deepEqual([...second.views[STATEMENT]], [NaN, 0, 0, NaN, NaN]);
  const fallen = belowHigh(Float64Array.from([NaN, 0, 100, 50, 200, 150]));
  assert.deepEqual([...fallen], [NaN, 0, 0, -0.5, 0, -0.25]);
});

test("eras are laid on one another by the days since the start of each", () => {
  const scene = aligned([
    eraScene(era(10000), 0),
    eraScene({ ...era(500), days: [500, 2, 2, 1, 1] }, 1),
  ]);
  assert.deepEqual([...scene.axis], [0, 1, 2, 4, 5, 6]);
  const [older, , newer] = scene.lines;
  assert.deepEqual([...older.views[DOLLARS]], [1000, 700, 700, 1700, 2000, 2200]);
  assert.deepEqual([...newer.views[DOLLARS]], [1000, 1000, 700, 1700, 2000, 2200]);
  assert.deepEqual([older.worst[OWN].at, newer.worst[OWN].at], [1, 2]);
  assert.equal(placeText(words, scene, 5), "Month 0");
});

test("thinning keeps every trough, both ends and each step's extremes", () => {
  const numbers = Float64Array.from({ length: 10000 }, (_, at) => Math.sin(at / 50) - at / 1e5);
  numbers[4321] = -9;
  numbers[777] = 9;
  const kept = thin(numbers, 0, 9999, 300, [5001, 12000]);
  for (const bar of [0, 777, 4321, 5001, 9999]) assert.ok(kept.includes(bar), `${bar}`);
  assert.ok(kept.length <= 2 * 300 + 5);
  assert.deepEqual(
    kept,
    [...kept].sort((a, b) => a - b),
  );
  for (let step = 0; step < 300; step++) {
    const from = Math.round((step * 10000) / 300);
    const to = Math.round(((step + 1) * 10000) / 300);
    const lowest = Math.min(...numbers.subarray(from, to));
    assert.ok(kept.some((bar) => bar >= from && bar < to && numbers[bar] === lowest));
  }
  assert.deepEqual(thin(Float64Array.from([NaN, 1, NaN, 2]), 0, 3, 100, []), [1, 3]);
  assert.deepEqual(thin(Float64Array.from([1, 2, 3]), 0, 2, 100, []), [0, 1, 2]);
});

test("a readout has every chosen line, highest first, and printed figures on worst and last days", () => {
  const { lines } = eraScene(era(10000), 0);
  const rows = rowsAt(words, lines, OWN, 1);
  assert.deepEqual(
    rows.map((row) => [row.line.strategy, row.share, row.usd]),
    [
      [1, "0.0\u00a0%", "$500"],
      [0, "\u221230.0\u00a0%", "$700"],
    ],
  );
  assert.deepEqual(
    rowsAt(words, lines, OWN, 4).map((row) => [row.share, row.usd]),
    [["+10.0\u00a0%", "$2,200"]],
  );
  assert.equal(rowsAt(words, lines, FUND, 1)[1].share, "x");
  assert.deepEqual([putIn(lines, 1), putIn([lines[0]], 3)], [null, 2000]);
});

test("the readout takes the emptiest corner that the crosshair does not cross", () => {
  /** @type {[number, number][]} */
  const top = [
    [0.1, 0.1],
    [0.2, 0.1],
    [0.9, 0.1],
  ];
  assert.deepEqual(emptiest(top, 0.4, 0.4, 0.5), { right: false, low: true });
  assert.deepEqual(emptiest(top, 0.4, 0.4, 0.1), { right: true, low: true });
  assert.deepEqual(emptiest([[0.9, 0.9]], 0.4, 0.4, 0.1), { right: true, low: false });
});

test("labels are moved apart as little as it takes", () => {
  assert.deepEqual(apart([100, 50], 18, 0, 400), [100, 50]);
  assert.deepEqual(apart([100, 100, 100], 20, 0, 400), [80, 100, 120]);
  assert.deepEqual(apart([395, 399], 20, 0, 400), [380, 400]);
  assert.deepEqual(apart([1, 1, 1], 300, 0, 400), [0, 200, 400]);
  assert.deepEqual(apart([], 18, 0, 400), []);
});

test("scale and nearest are each other's way back", () => {
  const across = scale(10, 20, 0, 100);
  assert.equal(across(15), 50);
  assert.equal(scale(5, 5, 7, 9)(5), 7);
  const rising = Float64Array.from([1, 2, 4, 8]);
  assert.deepEqual(
    [0, 1.4, 3.5, 6, 99].map((wanted) => nearest(rising, wanted)),
    [0, 0, 2, 2, 3],
  );
});

test("the own-money view turns to ratios where a line doubles, and by hand", () => {
  const packed = era(10000);
  const scene = eraScene(packed, 0);
  assert.equal(wantsRatio([scene.lines[0]], OWN), false);
  assert.equal(wantsRatio(scene.lines, OWN), true);
  const shown = { scene, lines: scene.lines, view: OWN, from: 0, to: 4, ratio: true };
  const frame = framed(words, shown, 5);
  assert.equal(frame.base, 0);
  assert.equal(frame.level(1), Math.log(2));
  assert.ok(frame.low < Math.log(0.7) && frame.high > Math.log(2.2));
  const falls = framed(words, { ...shown, view: FUND, ratio: false }, 5);
  assert.equal(falls.high, 0);
  assert.ok(falls.low < -0.3);
  const dollars = framed(words, { ...shown, view: DOLLARS }, 5);
  assert.ok(dollars.low < Math.log(500) && dollars.low > Math.log(400));
});

function choice() {
  const days = { ...era(10000), days: [10000, ...Array(99).fill(1)] };
  const packed = { ...days, runs: [{ ...days.runs[0], value: [100000, ...Array(99).fill(100)] }] };
  return {
    scene: eraScene(packed, 0),
    view: OWN,
    strategies: new Set([0]),
    first: { strategy: 0, era: 0 },
    ratio: [null, null],
    zoom: null,
    bar: 50,
  };
}

test("keys move, jump by a month, zoom and go back", () => {
  const made = choice();
  assert.ok(press(made, "ArrowRight", false) && made.bar === 51);
  assert.ok(press(made, "ArrowLeft", true) && made.bar === 21, "9 July to 9 June");
  assert.ok(press(made, "Home", false) && made.bar === 0);
  assert.ok(press(made, "ArrowLeft", false) && made.bar === 0);
  assert.ok(press(made, "End", false) && made.bar === 99);
  assert.equal(press(made, "x", false), false);
  made.bar = 50;
  assert.ok(press(made, "+", false));
  assert.deepEqual(span(made), [25, 75]);
  press(made, "Home", false);
  assert.equal(made.bar, 25);
  press(made, "-", false);
  assert.deepEqual(span(made), [0, 99]);
  press(made, "+", false);
  press(made, "Escape", false);
  assert.equal(made.zoom, null);
});

test("a month is a month on month ends too, whatever their days", () => {
  const ends = ["2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30"];
  const axis = Float64Array.from(ends, (end) => Date.parse(end) / 86400000);
  const scene = { dated: true, axis, lines: [] };
  const made = { ...choice(), scene, bar: 0 };
  for (const bar of [1, 2, 3]) assert.ok(press(made, "ArrowRight", true) && made.bar === bar);
  for (const bar of [2, 1, 0]) assert.ok(press(made, "ArrowLeft", true) && made.bar === bar);
  const aged = { ...made, scene: { ...scene, dated: false }, bar: 0 };
  assert.equal(monthAway(aged, 1), 1);
});

test("a zoom is never narrower than ten bars and keeps the crosshair in sight", () => {
  const made = choice();
  zoom(made, 40, 45);
  assert.equal(made.zoom, null);
  zoom(made, 90, 70);
  assert.deepEqual([span(made), made.bar], [[70, 90], 70]);
  for (let turn = 0; turn < 9; turn++) scaled(made, 0.5);
  assert.deepEqual(span(made)[1] - span(made)[0], 10);
});

test("the sentence's line leads, else the first that is chosen; it rests on its worst day", () => {
  const scene = eraScene(era(10000), 0);
  const made = { ...choice(), scene, strategies: new Set([0, 1]), first: { strategy: 1, era: 0 } };
  assert.equal(leading(made).strategy, 1);
  rest(made);
  assert.equal(made.bar, 2, "never below: the last day");
  made.strategies = new Set([0]);
  assert.equal(leading(made).strategy, 0);
  rest(made);
  assert.equal(made.bar, 1);
  made.strategies = new Set();
  assert.deepEqual(chosen(made), []);
  rest(made);
  assert.equal(isRatio(made), false);
});

test("numbers are written as the rest of the page writes them", () => {
  assert.equal(percent(words, -0.34567, 1), "\u221234.6\u00a0%");
  assert.equal(percent(words, -0.0004, 1), "0.0\u00a0%");
  assert.equal(percent(words, 0.2, 0, true), "+20\u00a0%");
  assert.equal(percent(words, 29.264, 1), "2,926.4\u00a0%");
  assert.equal(money(words, 1234567.4), "$1,234,567");
  assert.equal(money(words, 12.5), "$12.50");
  assert.equal(money(words, 0.001), "$0");
  assert.equal(money({ ...words, sign: "\u20ac" }, 94000), "\u20ac94,000");
  assert.equal(money(words, -2500), "\u2212$2,500");
  assert.deepEqual(
    [50000, 1.25e6, 999600, 500].map((usd) => shortMoney(words, usd)),
    ["$50k", "$1.25M", "$0.9996M", "$500"],
  );
  assert.deepEqual(
    [0.5, 1, 2, 8, 1.3].map((times) => factor(words, times)),
    ["half", "own money", "double", "8 times", "+30\u00a0%"],
  );
  assert.equal(dayText(words, 11891), "23 July 2002");
  const marks = /** @type {const} */ (["year", "month", "day"]).map((parts) =>
    tickText(words, { day: new Date(11891 * 86400000), parts }),
  );
  assert.deepEqual(marks, ["2002", "Jul 2002", "23 Jul"]);
});

test("another language has its own forms", () => {
  const han = {
    ...words,
    sign: "US$",
    percent: "{}%",
    large: [
      [1e8, "\u5104"],
      [1e4, "\u842c"],
    ],
    dates: { day: "y\u5e74M\u6708d\u65e5", month: "y\u5e74M\u6708", short: "y-MM", near: "M/d" },
  };
  assert.equal(dayText(han, 11891), "2002\u5e747\u670823\u65e5");
  const day = new Date(11891 * 86400000);
  assert.equal(dateText(han, "month", day), "2002\u5e747\u6708");
  assert.equal(tickText(han, { day, parts: "month" }), "2002-07");
  assert.equal(tickText(han, { day, parts: "day" }), "7/23");
  assert.deepEqual(
    [50000, 3.5e8, 500].map((usd) => shortMoney(han, usd)),
    ["US$5\u842c", "US$3.5\u5104", "US$500"],
  );
  assert.equal(percent(han, -0.346, 1), "\u221234.6%");
  const said = { first: "2000\u5e74", last: "2007\u5e74" };
  assert.equal(fill("{first}\u81f3{last}", said), "2000\u5e74\u81f32007\u5e74");
});
