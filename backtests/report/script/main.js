// Start: what the page carries becomes its chart, and links open what they lead to.

import { Explorer } from "./explorer.js";
import { Spread } from "./spread.js";

const carried = document.getElementById("lines");
if (carried) new Explorer(JSON.parse(carried.textContent ?? "")).start();
const windows = document.getElementById("windows");
if (windows) new Spread(JSON.parse(windows.textContent ?? "")).start();

/** A link into a folded part opens it. */
function unfold() {
  const aim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = aim?.closest("details"); part; part = part.parentElement?.closest("details")) {
    part.open = true;
  }
  if (aim?.closest("details")) aim.scrollIntoView();
}

addEventListener("hashchange", unfold);
unfold();
