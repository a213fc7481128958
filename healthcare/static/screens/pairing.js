// Who is this screen: which credential does it hold, and what may it show?

import { about, pause } from "./backoff.js";
import { now } from "./clock.js";
import { ask } from "./http.js";

const KEY = "healthcare.display";
const WHILE_PENDING = 2_000;
const WHILE_PAIRED = 15_000; // a queue opens with its first check-in: the first call of the day may follow within the minute

let held = null; // also here, because a television in private mode has no storage that works

export function remembered() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    if (found && found.id && found.secret) held = found;
  } catch {
    // storage refused or not ours: what we hold in memory counts
  }
  return held;
}

export function remember(credential) {
  held = credential;
  try {
    localStorage.setItem(KEY, JSON.stringify(credential));
  } catch {
    // it then lasts until the page is closed
  }
}

export function forget() {
  held = null;
  try {
    localStorage.removeItem(KEY);
  } catch {
    // nothing was stored
  }
}

/** Asks until a code comes; `trouble()` is called after each failure. The code is kept with the credential, so that a reload
 *  while staff are typing it in shows the same one. Resolves to null when `stopped()` turns true. */
export async function newCode(displays, { trouble, stopped }) {
  for (let attempt = 0; !stopped(); attempt += 1) {
    const { status, body, wait } = await ask("POST", displays);
    if (status === 201) return body;
    trouble();
    await new Promise((done) => setTimeout(done, Math.max(wait, pause(attempt + 1))));
  }
  return null;
}

/** Reads the display again and again. `on` has pending, expired, paired(config), gone, unreachable. */
export function watch(displays, credential, on) {
  let timer = 0;
  let attempt = 0;
  let refusals = 0;
  let busy = false;
  let stopped = false;

  async function look() {
    if (busy || stopped) return;
    busy = true;
    clearTimeout(timer);
    const answer = await ask("GET", `${displays}/${credential.id}`, { secret: credential.secret });
    busy = false;
    if (stopped) return;
    const wait = judge(answer); // may end this watch
    if (!stopped) timer = setTimeout(look, wait);
  }

  /** Tells what it found and says how long to wait. */
  function judge({ status, ours, body, wait }) {
    if (status === 200 && body && body.status === "paired") {
      attempt = refusals = 0;
      on.paired(body);
      return about(WHILE_PAIRED);
    }
    if (status === 200 && body && body.status === "pending") {
      attempt = refusals = 0;
      if (Date.parse(credential.expires_at) > now()) on.pending();
      else on.expired();
      return about(WHILE_PENDING);
    }
    if (ours && (status === 200 || status === 401 || status === 404)) {
      // Heard twice before it is believed: to pair a screen anew somebody must climb a ladder.
      refusals += 1;
      if (refusals >= 2) on.gone();
      return 1_000;
    }
    on.unreachable();
    attempt += 1;
    return Math.max(wait, pause(attempt + 1));
  }

  look();
  return {
    look,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
