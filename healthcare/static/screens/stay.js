// What keeps a page fit to hang on a wall for months: awake, not burnt in, and not older than its server.

import { hourAndMinute, now } from "./clock.js";

const SHIFTS = [[0, 0], [3, 0], [3, 3], [0, 3], [-3, 3], [-3, 0], [-3, -3], [0, -3], [3, -3]];
const SHIFT_EVERY = 90; // seconds
const LOOK_FOR_UPDATES_IN = "03"; // the hour in which nobody waits

/** Asks the device not to sleep; the browser takes the lock away whenever the page is hidden, so it is asked again. */
export function awake() {
  if (!navigator.wakeLock) return;
  const hold = () => {
    if (document.visibilityState === "visible") navigator.wakeLock.request("screen").catch(() => {}); // refused on low battery
  };
  document.addEventListener("visibilitychange", hold);
  hold();
}

/** A few pixels every minute and a half: enough for the glass, too little for the eye. */
export function shifter(stage) {
  let seconds = 0;
  return () => {
    seconds += 1;
    if (seconds % SHIFT_EVERY) return;
    const [x, y] = SHIFTS[(seconds / SHIFT_EVERY) % SHIFTS.length];
    stage.style.transform = `translate(${x}px, ${y}px)`;
  };
}

/** Once a night, at a minute of its own, reads this page again; loads it anew only when the server has other files for it.
 *  A screen that reloads blindly would show the browser's error page until morning if the server were down just then. */
export function renewer(reload = () => location.reload()) {
  const minute = String(Math.floor(Math.random() * 60)).padStart(2, "0");
  const mine = version(document);
  let asked = false;
  return async () => {
    const due = hourAndMinute(now()) === `${LOOK_FOR_UPDATES_IN}:${minute}`;
    if (!due || asked) {
      asked = due;
      return;
    }
    asked = true;
    try {
      const answer = await fetch(location.href, { cache: "no-store", credentials: "omit" });
      const theirs = version(new DOMParser().parseFromString(await answer.text(), "text/html"));
      if (answer.ok && theirs && theirs !== mine) reload();
    } catch {
      // tomorrow night, then
    }
  };
}

function version(page) {
  const files = page.querySelectorAll("script[src], link[rel=stylesheet]");
  return [...files].map((file) => file.getAttribute("src") || file.getAttribute("href")).join(" ");
}
