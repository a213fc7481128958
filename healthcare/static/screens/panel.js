// How does one queue look on the wall?

import { calledBefore, current, next } from "./board.js";
import { hourAndMinute } from "./clock.js";
import { one, word, write } from "./text.js";
import { fill, placed } from "./words.js";

const FLASH = 9_000;
const BEFORE = { hero: 3, full: 3, half: 3, row: 0 }; // how many earlier calls a shape of panel has room for
const NEXT = { hero: 0, full: 6, half: 4, row: 2 };

export function face(token, show) {
  return (show === "initials" && token.initials) || token.number;
}

/** Where a token is asked to go: the desk that called it, else the queue's room. A desk that is the room is called a room. */
export function whereTo(queue, token) {
  const desk = token && token.desk;
  return desk && desk !== queue.room ? { key: "desk", place: desk } : { key: "room", place: queue.room };
}

function who(queue) {
  return (queue.practitioner && queue.practitioner.name) || "";
}

/** The newest of the calls that stand now; one that waits to be answered comes before one who has gone in. */
function newestCall(rows) {
  const urgency = ({ token }) => (token.status === "called" ? 1e15 : 0) + token.calledAt;
  const standing = rows.map(({ queue, board }) => ({ queue, token: current(board) })).filter(({ token }) => token);
  return standing.sort((a, b) => urgency(b) - urgency(a))[0];
}

function earlierCalls(rows, newest, most) {
  const calls = rows.flatMap(({ queue, board }) => {
    const standing = current(board);
    const before = calledBefore(board, most);
    return (standing && standing !== newest.token ? [standing, ...before] : before).map((token) => ({ queue, token }));
  });
  return calls.sort((a, b) => b.token.calledAt - a.token.calledAt).slice(0, most);
}

/** `shape` is full, half or row for one queue; hero shows the newest call of several. */
export function makePanel(shape) {
  const root = one("#panel").content.firstElementChild.cloneNode(true);
  const part = (name) => one(`.${name}`, root);
  const drawn = {}; // what each list and the fitting were last drawn from
  let calm = 0;
  root.classList.add(shape);

  /** `entries` are lists of [class, text] cells. */
  function list(name, entries) {
    const key = JSON.stringify(entries);
    if (drawn[name] === key) return;
    drawn[name] = key;
    const holder = one("ol", part(name));
    holder.textContent = "";
    for (const entry of entries) {
      const row = holder.appendChild(document.createElement("li"));
      for (const [kind, text] of entry) {
        const cell = row.appendChild(document.createElement("span"));
        cell.className = kind;
        cell.dir = kind === "token" ? "ltr" : "auto"; // A-001 is never turned round
        cell.textContent = text;
      }
    }
    part(name).hidden = !entries.length;
  }

  /** Shrinks the number until it fits beside and between the other words, whatever font this television has. */
  function fit() {
    const call = part("call");
    const number = part("number");
    const key = [call.textContent, call.clientWidth, call.clientHeight].join();
    if (!call.clientWidth || !number.textContent || drawn.fit === key) return;
    drawn.fit = key;
    number.style.setProperty("--fit", 1);
    const others = [...call.children].reduce((sum, child) => sum + child.offsetHeight, 0) - number.offsetHeight;
    const wide = call.clientWidth / number.scrollWidth;
    const high = (call.clientHeight - others) / number.offsetHeight;
    number.style.setProperty("--fit", Math.max(0.3, Math.min(1, wide * 0.98, high * 0.96)));
  }

  function settle() {
    clearTimeout(calm);
    root.classList.remove("flash");
  }

  return {
    root,
    /** `rows` are {queue, board, stale}, more than one only for the hero; `noted` says that the wall already tells the age. */
    update({ rows, show, language, noted }) {
      const newest = newestCall(rows);
      const queue = newest ? newest.queue : rows[0].queue;
      const called = Boolean(newest) && newest.token.status === "called";
      const stale = rows.length === 1 && rows[0].stale;
      const spot = ({ key, place }) => placed(language, key, place);
      const place = newest || shape !== "hero" ? spot(whereTo(queue, newest && newest.token)) : "";
      const staff = (newest || shape !== "hero") && ![queue.label, place].includes(who(queue)) ? who(queue) : "";

      const shown = newest ? newest.token.id : "";
      if (drawn.token !== shown) settle(); // the light was for the number that stood here before
      drawn.token = shown;
      write(part("label"), shape === "hero" ? "" : queue.label || who(queue));
      word(part("state"), language, fill(language, !newest ? "idle" : called ? "nowCalling" : "nowServing"));
      write(part("number"), newest ? face(newest.token, show) : "");
      word(part("place"), language, place);
      write(part("who"), staff);
      part("dot").hidden = !place || !staff;
      root.classList.toggle("idle", !newest);
      root.classList.toggle("called", called);
      root.classList.toggle("stale", Boolean(stale || noted));

      const earlier = earlierCalls(rows, newest || {}, BEFORE[shape]);
      list("before", earlier.map(({ queue: of, token }) => [["token", face(token, show)], ["spot", spot(whereTo(of, token))]]));
      const waiting = rows.length === 1 ? next(rows[0].board, NEXT[shape]) : [];
      list("next", waiting.map((token) => [["token", face(token, show)]]));

      const note = part("age");
      note.hidden = !stale || noted;
      root.classList.toggle("behind", !note.hidden);
      const age = shape === "row" ? "asOfShort" : "asOf";
      if (!note.hidden) word(note, language, fill(language, age, { time: hourAndMinute(stale) }));
      fit();
    },
    flash() {
      settle();
      root.getBoundingClientRect(); // so that a second call within the same flash starts it anew
      root.classList.add("flash");
      calm = setTimeout(settle, FLASH);
    },
    remove() {
      clearTimeout(calm);
      root.remove();
    },
  };
}
