import assert from "node:assert/strict";
import test from "node:test";
import {
  dateTicks,
  factorTicks,
  monthOf,
  monthTicks,
  ratioTicks,
  ticks,
} from "../../backtests/report/script/ticks.js";

/** @param {string} day */
const dayOf = (day) => Date.parse(`${day}T00:00:00Z`) / 86400000;
/** @param {{day: Date}[]} found */
const days = (found) => found.map((tick) => tick.day.toISOString().slice(0, 10));

test("ticks are round, inside and few", () => {
  assert.deepEqual(ticks(-0.46, 0.51, 6), [-0.4, -0.2, 0, 0.2, 0.4]);
  assert.deepEqual(ticks(0, 139000, 5), [0, 50000, 100000]);
  assert.deepEqual(ticks(0.1, 0.3, 2), [0.1, 0.2, 0.3]);
  assert.deepEqual(ticks(5, 5, 6), [5]);
  for (const [low, high] of [
    [0, 1e-7],
    [-3e9, 7e9],
    [-0.123, -0.1229],
  ]) {
    const found = ticks(low, high, 5);
    assert.ok(found.length >= 2 && found.length <= 6, `${low} to ${high}: ${found}`);
    assert.ok(found.every((mark) => mark >= low - 1e-12 && mark <= high + 1e-12));
  }
});

test("factors are powers of two, or round where those are too few", () => {
  assert.deepEqual(factorTicks(0.6, 13.5), [1, 2, 4, 8]);
  assert.deepEqual(factorTicks(0.24, 2.5), [0.25, 0.5, 1, 2]);
  assert.deepEqual(factorTicks(0.95, 1.32), [1, 1.1, 1.2, 1.3]);
  assert.ok(factorTicks(1e-3, 1e6).length <= 8);
});

test("dollars on a ratio scale are round and at most seven", () => {
  assert.deepEqual(ratioTicks(900, 130000), [1000, 2000, 5000, 10000, 20000, 50000, 100000]);
  for (const high of [2000, 1e5, 1e8, 1e15]) {
    const found = ratioTicks(1000, high);
    assert.ok(found.length >= 2 && found.length <= 7, `${high}: ${found}`);
  }
});

test("dates are Januaries, months or days by what is spanned", () => {
  const years = dateTicks(dayOf("2000-03-01"), dayOf("2007-12-31"), 12);
  assert.deepEqual(days(years).slice(0, 2), ["2001-01-01", "2002-01-01"]);
  assert.ok(years.every((tick) => tick.parts === "year"));
  const halves = dateTicks(dayOf("2022-11-01"), dayOf("2026-09-17"), 12);
  assert.deepEqual(days(halves).slice(0, 2), ["2023-01-01", "2023-07-01"]);
  const few = dateTicks(dayOf("2002-06-03"), dayOf("2002-07-23"), 12);
  assert.ok(few.every((tick) => tick.parts === "day") && few.length > 2);
  const century = dateTicks(dayOf("1926-01-31"), dayOf("2026-09-17"), 12);
  assert.ok(century.length <= 13 && century.length > 4);
});

test("months since a start step by parts of years", () => {
  const found = monthTicks(0, 139 * 30.436875, 8);
  assert.deepEqual(
    found.map((tick) => tick.month),
    [0, 24, 48, 72, 96, 120],
  );
  assert.equal(monthOf(found[1].at), 24);
  assert.equal(monthOf(30), 0);
});
