// What time is it in the clinic?
//
// A television's own clock is often hours wrong and its zone is rarely set, so the time comes from the server's Date header
// and the zone from the clinic.

const TOLERATED = 2_000; // a Date header counts whole seconds and the answer took a while: less than this is not a wrong clock

let ahead = 0;
let zone;
const formats = new Map(); // one formatter for each language: making them is dear, and this runs every second for months

export function hear(dateHeader) {
  const theirs = Date.parse(dateHeader);
  if (Number.isNaN(theirs)) return;
  const error = theirs - Date.now();
  if (Math.abs(error - ahead) > TOLERATED) ahead = Math.abs(error) > TOLERATED ? error : 0;
}

export function liveIn(name) {
  if (name === zone) return;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
  } catch {
    return; // an old television may not know a new zone: its own is better than a dead screen
  }
  zone = name;
  formats.clear();
}

export function now() {
  return Date.now() + ahead;
}

function written(moment, language, shape, options) {
  const key = `${language} ${shape}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(`${language}-u-nu-latn`, { timeZone: zone, ...options }));
  return formats.get(key).format(moment);
}

/** "10:42", the same digits in every language. */
export function hourAndMinute(moment) {
  return written(moment, "en-GB", "time", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export function day(moment, language) {
  return written(moment, language === "en" ? "en-GB" : language, "day", { weekday: "long", day: "numeric", month: "long" });
}
