// How does the screen follow one queue, whatever happens to the network?
//
// A line is one queue's connection. It gets a ticket, opens a socket, says hello with the last seq that it applied, and hands
// on every frame exactly once and in order. It never gives up until close() is called.

import { pause } from "./backoff.js";

const HELLO_WITHIN = 10_000; // from asking for the ticket to the first frame
const SETTLED = 5_000; // a connection that lived this long was a good one: the next loss starts from the shortest pause
const PROMISING = 2; // a server that answered is back: the next pause is two seconds at most, though the last was ten
const AGAIN_AT_ONCE = new Set([4401, 4408]); // sign-in ran out; told to resync. Both want a new hello, now

/** `ticket()` resolves to {ticket} or {wait} in milliseconds; `on` has snapshot, events, live and lost. */
export function follow({ url, ticket, on, open = (to) => new WebSocket(to) }) {
  let socket = null;
  let last = null; // seq of the newest frame applied; null asks for a snapshot
  let attempt = 0;
  let timer = 0;
  let liveSince = 0;
  let hasty = -Infinity; // when we last reconnected without a pause
  let round = 0; // a ticket that arrives for a connection already given up belongs to no one
  let closed = false;

  function later(run, delay) {
    clearTimeout(timer);
    timer = setTimeout(run, delay);
  }

  function hangUp() {
    round += 1;
    clearTimeout(timer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
    socket = null;
  }

  function lost({ atOnce = false, wait = 0 } = {}) {
    if (closed) return;
    hangUp();
    const now = performance.now();
    if (liveSince && now - liveSince > SETTLED) attempt = 0;
    if (liveSince) on.lost();
    liveSince = 0;
    if (atOnce && now - hasty > SETTLED) {
      hasty = now; // once: a server that refuses us at once, again and again, is met with pauses
      connect();
    } else {
      later(connect, Math.max(wait, pause(attempt)));
      attempt += 1;
    }
  }

  async function connect() {
    hangUp();
    const mine = round;
    later(lost, HELLO_WITHIN);
    const answer = await ticket();
    if (closed || mine !== round) return;
    if (!answer.ticket) return lost({ wait: answer.wait });
    try {
      socket = open(url);
    } catch {
      return lost();
    }
    const hello = { type: "hello", ticket: answer.ticket, ...(last === null ? {} : { since: last }) };
    socket.onopen = () => socket.send(JSON.stringify(hello));
    socket.onmessage = (message) => heard(message.data);
    socket.onclose = (event) => lost({ atOnce: AGAIN_AT_ONCE.has(event.code) });
  }

  function heard(text) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return lost();
    }
    if (frame.type === "snapshot") {
      last = frame.seq;
      on.snapshot(frame);
    } else if (frame.type === "events") {
      if (!take(frame.events, true)) return undefined;
    } else if (frame.type === "event") {
      if (!take([frame], false)) return undefined;
    } else {
      return undefined; // a frame of a later version
    }
    if (!liveSince) {
      clearTimeout(timer);
      attempt = Math.min(attempt, PROMISING);
      liveSince = performance.now();
      on.live();
    }
    return undefined;
  }

  function take(events, replayed) {
    const news = [];
    for (const event of events) {
      if (last !== null && event.seq <= last) continue; // seen before the connection was lost
      if (last === null || event.seq !== last + 1) {
        if (news.length) on.events(news, replayed);
        if (replayed) last = null; // the server no longer has what we miss: asking again would end the same way, for ever
        lost({ atOnce: true });
        return false;
      }
      last = event.seq;
      news.push(event);
    }
    on.events(news, replayed);
    return true;
  }

  connect();
  return {
    isLive: () => liveSince > 0,
    /** The network may be back: don't sit out the pause. */
    retry() {
      if (closed || liveSince) return;
      attempt = 0;
      connect();
    },
    /** The connection is open in name only. */
    suspect: () => lost(),
    /** Something happened that events alone don't tell: take the whole queue anew. */
    renew() {
      last = null;
      lost({ atOnce: true });
    },
    close() {
      closed = true;
      hangUp();
    },
  };
}
