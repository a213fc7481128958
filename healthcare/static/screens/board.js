// What does a queue look like after this frame?  Pure: frames in, boards out; no DOM, no clock, no network.
//
// A board is {id, tokens: {id: token}, waiting: [id, …]}. Only the fields named in kept() survive, so nothing that a server
// might one day add by mistake can reach the wall.

const PAST = 12; // calls that are over and still remembered, for "called before"
const ACTIVE = new Set(["waiting", "called", "serving", "held"]);
const IN_HISTORY = new Set(["called", "serving", "finished", "skipped"]);

export function empty() {
  return { id: null, tokens: {}, waiting: [] };
}

function kept(token) {
  return {
    id: token.id,
    number: String(token.number),
    initials: token.initials ? String(token.initials) : "",
    status: token.status,
    desk: token.desk ? String(token.desk) : "",
    calledAt: Date.parse(token.called_at) || 0,
  };
}

/** A snapshot is the whole truth: nothing of the board before it stays. */
export function fromSnapshot(queue) {
  const tokens = {};
  for (const token of queue.tokens) tokens[token.id] = kept(token);
  const waiting = queue.tokens.filter((token) => token.status === "waiting").sort((a, b) => a.place - b.place);
  return pruned({ id: queue.id, tokens, waiting: waiting.map((token) => token.id) });
}

/** The board after one event, which carries the token as it is now. `place` is its rank among those who wait, from 1: it is
 *  put there and the others move aside, which is all that has to be told of a change of order. */
export function after(board, event) {
  if (!event.token) return board;
  const token = kept(event.token);
  if (event.event === "token.recalled") {
    // A recall is the newest call, whether or not the server moves `called_at` for it.
    token.calledAt = Math.max(token.calledAt, Date.parse(event.at) || 0);
  }
  const waiting = board.waiting.filter((id) => id !== token.id);
  if (token.status === "waiting") waiting.splice((event.token.place || Infinity) - 1, 0, token.id);
  return pruned({ ...board, tokens: { ...board.tokens, [token.id]: token }, waiting });
}

/** Without what nobody can see any more: a screen runs for months. */
function pruned(board) {
  const all = Object.values(board.tokens);
  const past = newestFirst(all.filter((token) => !ACTIVE.has(token.status) && IN_HISTORY.has(token.status)));
  const stay = [...all.filter((token) => ACTIVE.has(token.status)), ...past.slice(0, PAST)];
  if (stay.length === all.length) return board;
  return { ...board, tokens: Object.fromEntries(stay.map((token) => [token.id, token])) };
}

function newestFirst(tokens) {
  return [...tokens].sort((a, b) => b.calledAt - a.calledAt);
}

/** Who is being called; when that person has gone in, who is in; else null. */
export function current(board) {
  const all = newestFirst(Object.values(board.tokens));
  return all.find((token) => token.status === "called") || all.find((token) => token.status === "serving") || null;
}

/** The calls before the current one, newest first. */
export function calledBefore(board, most) {
  const now = current(board);
  const past = Object.values(board.tokens).filter((token) => token.calledAt && IN_HISTORY.has(token.status) && token !== now);
  return newestFirst(past).slice(0, most);
}

/** Who waits, soonest first. */
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
