// What does a queue look like after this frame?  Pure: frames in, boards out; no DOM, no clock, no network.
//
// A board is {id, tokens: {id: token}, waiting: [id, …]}. Only the fields named in `kept` survive, so nothing that a server might
// one day add by mistake can reach the wall.

const PAST = 12; // calls that are over and still remembered, for "called before"
const OVER = new Set(["finished", "skipped", "cancelled"]);
const IN_HISTORY = new Set(["called", "serving", "finished", "skipped"]);

export function empty() {
  return { id: null, tokens: {}, waiting: [] };
}

function kept(token) {
  const at = Date.parse(token.called_at);
  return {
    id: token.id, number: String(token.number), initials: token.initials ? String(token.initials) : "",
    status: token.status, desk: token.desk ? String(token.desk) : "", calledAt: Number.isNaN(at) ? 0 : at,
  };
}

/** A snapshot is the whole truth: nothing of the board before it stays. */
export function fromSnapshot(queue) {
  const tokens = {};
  for (const token of queue.tokens) tokens[token.id] = kept(token);
  const rank = (token) => (typeof token.place === "number" ? token.place : Infinity);
  const waiting = queue.tokens.filter((token) => token.status === "waiting").sort((a, b) => rank(a) - rank(b));
  return pruned({ id: queue.id, tokens, waiting: waiting.map((token) => token.id) });
}

/** The board after one event. `place` is the token's rank among those who wait, from 1: others move aside for it. */
export function after(board, event) {
  const { token } = event;
  if (!token) return board;
  const tokens = { ...board.tokens };
  const waiting = board.waiting.filter((id) => id !== token.id);
  if (event.event === "token.transferred" && token.queue !== board.id) {
    delete tokens[token.id]; // its status is now that of another queue, whose own line tells of it
    return { ...board, tokens, waiting };
  }
  tokens[token.id] = kept(token);
  if (event.event === "token.recalled") {
    // A recall is the newest call, whether or not the server moves `called_at` for it.
    tokens[token.id].calledAt = Math.max(tokens[token.id].calledAt, Date.parse(event.at) || 0);
  }
  if (token.status === "waiting") {
    const before = board.waiting.indexOf(token.id);
    const place = typeof token.place === "number" ? token.place - 1 : before < 0 ? waiting.length : before;
    waiting.splice(Math.max(0, Math.min(place, waiting.length)), 0, token.id);
  }
  return pruned({ ...board, tokens, waiting });
}

/** Without what nobody can see any more: a screen runs for months. */
function pruned(board) {
  const over = Object.values(board.tokens).filter((token) => OVER.has(token.status));
  if (over.length <= PAST) return board;
  const tokens = { ...board.tokens };
  for (const token of newest(over).slice(PAST)) delete tokens[token.id];
  return { ...board, tokens };
}

function newest(tokens) {
  return [...tokens].sort((a, b) => b.calledAt - a.calledAt);
}

/** Who is being called; when that person has gone in, who is in; else null. */
export function current(board) {
  const all = newest(Object.values(board.tokens));
  return all.find((token) => token.status === "called") || all.find((token) => token.status === "serving") || null;
}

/** The calls before the current one, newest first. */
export function calledBefore(board, most) {
  const now = current(board);
  const past = Object.values(board.tokens).filter((token) => token.calledAt && IN_HISTORY.has(token.status) && token !== now);
  return newest(past).slice(0, most);
}

export function next(board, most) {
  return board.waiting.slice(0, most).map((id) => board.tokens[id]);
}

/** The call that stands on this board and did not stand on the one before: what a screen that was away still has to say. */
export function freshCall(before, now) {
  const call = current(now);
  if (!call || call.status !== "called") return null;
  const known = before.tokens[call.id];
  return known && known.status === "called" && known.calledAt === call.calledAt ? null : call;
}
