// How are several queues laid out together, and what does the wall say when it is behind?

import { hourAndMinute } from "./clock.js";
import { makePanel } from "./panel.js";
import { one, word } from "./text.js";
import { fill } from "./words.js";

/** One queue fills the wall, two share it; from three on the newest call stands large beside a row for each. */
function shapeFor(count) {
  if (count === 1) return "full";
  return count === 2 ? "half" : "row";
}

export function makeWall() {
  const board = one("#board");
  const notice = one("#notice");
  const panels = new Map(); // queue id -> {shape, panel}; the hero under its own name
  const HERO = "hero";

  function put(id, shape) {
    const there = panels.get(id);
    if (there && there.shape === shape) return there.panel;
    if (there) there.panel.remove();
    const panel = makePanel(shape);
    panels.set(id, { shape, panel });
    return panel;
  }

  function lay(rows) {
    const wanted = new Set(rows.map(({ queue }) => queue.id));
    if (rows.length > 2) wanted.add(HERO);
    for (const [id, { panel }] of [...panels]) {
      if (wanted.has(id)) continue;
      panel.remove();
      panels.delete(id);
    }
    const shape = shapeFor(rows.length);
    const shown = rows.map(({ queue }) => put(queue.id, shape).root);
    if (rows.length > 2) shown.unshift(put(HERO, "hero").root);
    shown.forEach((root, at) => {
      if (board.children[at] !== root) board.insertBefore(root, board.children[at] || null);
    });
    document.body.dataset.count = rows.length > 2 ? "many" : String(rows.length);
    document.body.dataset.queues = String(rows.length);
    board.style.setProperty("--queues", String(rows.length));
  }

  return {
    /** `since` is the age of a wall without queues (0 when it is fresh); with queues their own ages count. */
    draw({ rows, show, language, since }) {
      lay(rows);
      one("#nothing").hidden = rows.length > 0;
      // Behind in everything: said once, across the wall. Behind in some: each of those says so itself.
      const behind = rows.length ? rows.every((row) => row.stale) && Math.min(...rows.map((row) => row.stale)) : since;
      notice.hidden = !behind;
      document.body.dataset.live = behind ? "no" : "yes";
      if (behind) word(notice, language, fill(language, "asOf", { time: hourAndMinute(behind) }));
      const noted = Boolean(behind);
      for (const row of rows) panels.get(row.queue.id).panel.update({ rows: [row], show, language, noted });
      if (panels.has(HERO)) panels.get(HERO).panel.update({ rows, show, language, noted });
    },
    flash(id) {
      for (const name of [id, HERO]) if (panels.has(name)) panels.get(name).panel.flash();
    },
    clear() {
      for (const { panel } of panels.values()) panel.remove();
      panels.clear();
      notice.hidden = true;
    },
  };
}
