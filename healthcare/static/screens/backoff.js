// How long until the next try?

const FIRST = 500;
const LONGEST = 10_000;

/** Milliseconds before try number `attempt` (0, 1, 2 …): doubles from 0.5 s to 10 s. The random half keeps the screens of a
 *  whole town from coming back in the same instant after an outage. */
export function pause(attempt, random = Math.random) {
  const most = Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 10));
  return Math.max(FIRST, most / 2 + (random() * most) / 2);
}

/** A number of milliseconds, ± 10 %, for things done at a steady pace. */
export function about(milliseconds, random = Math.random) {
  return milliseconds * (0.9 + 0.2 * random());
}
