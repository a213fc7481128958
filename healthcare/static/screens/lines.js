// What is going on in each queue of this display, and how sure are we?  One connection and one board a queue; no DOM.

import { about } from "./backoff.js";
import { after, empty, freshCall, fromSnapshot } from "./board.js";
import { now } from "./clock.js";
import { ask } from "./http.js";
import { follow } from "./socket.js";

const GRACE = 1_000; // a reconnection shorter than this is nobody's business
const RENEW_AT_MOST_EVERY = 5_000;
const PULSE_EVERY = 10_000;
const PULSE_WITHIN = 3_000;
const PULSE_IN_DOUBT = 800; // the browser says that the network went: be sure within two seconds

/** `ticket()` as socket.follow takes it; `changed()` after every change; `called(queue, token)` for each call to announce. */
export function makeLines({ sockets, alive, ticket, changed, called }) {
  const lines = new Map(); // queue id -> line
  let pulse = setTimeout(beat, PULSE_EVERY);
  let closed = false;
  let running = false; // the first queues have been followed

  function begin(queue) {
    const late = running;
    const line = { queue, board: empty(), live: false, lost: performance.now(), known: now(), renewed: -Infinity };
    const took = (calls) => {
      line.known = now();
      changed();
      for (const token of calls) called(line.queue, token);
    };
    line.connection = follow({
      url: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${sockets}${queue.id}`,
      ticket,
      on: {
        snapshot(frame) {
          const before = line.board;
          line.board = fromSnapshot(frame.queue);
          // A screen just switched on announces nothing old; a queue that opened while it ran may have called already.
          took(before.id || late ? standing(before, line.board) : []);
        },
        events: (events, replayed) => took(apply(line, events, replayed)),
        live() {
          line.live = true;
          changed();
        },
        lost() {
          line.live = false;
          line.lost = performance.now();
          setTimeout(changed, GRACE + 20);
        },
      },
    });
    setTimeout(changed, GRACE + 20);
    return line;
  }

  /** A live call is announced as it comes; after an absence only the call that still stands is, once. */
  function apply(line, events, replayed) {
    const before = line.board;
    const calls = [];
    for (const event of events) {
      const whole = event.queue && event.queue.tokens;
      line.board = whole ? fromSnapshot(event.queue) : after(line.board, event);
      if (event.event.startsWith("queue.") && !whole) renew(line);
      if (event.token && (event.event === "token.called" || event.event === "token.recalled")) calls.push(event.token.id);
    }
    return replayed ? standing(before, line.board) : calls.map((id) => line.board.tokens[id]);
  }

  function standing(before, board) {
    const call = freshCall(before, board);
    return call ? [call] : [];
  }

  /** An event about the queue as a whole may touch every token in it: take a snapshot, but never in a tight circle. */
  function renew(line) {
    if (performance.now() - line.renewed < RENEW_AT_MOST_EVERY) return;
    line.renewed = performance.now();
    setTimeout(() => lines.get(line.queue.id) === line && line.connection.renew(), 0);
  }

  /** A cable pulled far away closes no socket for many minutes. Any answer at all shows that the way is open; two silences
   *  in a row, and what we show is no longer known to be true. */
  async function beat(within = PULSE_WITHIN) {
    clearTimeout(pulse);
    if ([...lines.values()].some((line) => line.live)) {
      const answers = async () => (await ask("GET", alive, { timeout: within })).status > 0;
      const answered = (await answers()) || (await answers());
      for (const line of lines.values()) {
        if (line.live && answered) line.known = now();
        if (line.live && !answered) line.connection.suspect();
      }
    }
    clearTimeout(pulse);
    if (!closed) pulse = setTimeout(beat, about(PULSE_EVERY));
  }

  const online = () => lines.forEach((line) => line.connection.retry());
  const offline = () => beat(PULSE_IN_DOUBT);
  addEventListener("online", online);
  addEventListener("offline", offline);

  return {
    /** Opens what is new, closes what is gone, leaves the rest running; keeps the order given. */
    arrange(queues) {
      const wanted = new Map(queues.map((queue) => [queue.id, queue]));
      for (const [id, line] of [...lines]) {
        if (wanted.has(id)) continue;
        line.connection.close();
        lines.delete(id);
      }
      for (const queue of queues) {
        const line = lines.get(queue.id) || begin(queue);
        line.queue = queue;
        lines.delete(queue.id);
        lines.set(queue.id, line);
      }
      running = true;
    },
    /** `stale` is 0, or the moment at which the board was last known to be true. */
    rows: () => [...lines.values()].map(({ queue, board, live, lost, known }) => (
      { queue, board, stale: live || performance.now() - lost < GRACE ? 0 : known }
    )),
    close() {
      closed = true;
      clearTimeout(pulse);
      removeEventListener("online", online);
      removeEventListener("offline", offline);
      for (const line of lines.values()) line.connection.close();
      lines.clear();
    },
  };
}
