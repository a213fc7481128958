// Asks every few seconds how far the line has come; where nobody answers, the page says of when what it shows is.
import { fill, spoken } from "./words.js";

const EVERY = 15_000; // milliseconds
const BEHIND = 60_000; // without an answer, before the page says that it is behind
const language = spoken(navigator.languages);
const said = { at: 0, asOf: null };
let next = 0;

document.documentElement.lang = language;
document.documentElement.dir = fill(language, "dir");
document.title = fill(language, "title");

function put(id, text) {
  const place = document.getElementById(id);
  if (place.textContent !== text) place.textContent = text; // a screen reader hears changes only
}

function clock(instant, zone) {
  return new Intl.DateTimeFormat(language, { timeStyle: "short", timeZone: zone, numberingSystem: "latn" }).format(new Date(instant));
}

function sentence(seen) {
  if (seen.status !== "waiting") return fill(language, seen.status, { desk: place(seen.desk) });
  return seen.place === 1 ? fill(language, "next") : fill(language, "ahead", { n: seen.place - 1 });
}

/** A bare number is a room's; a place that has a name of its own ("Chamber B") is said as it is. */
function place(desk) {
  return /^[A-Za-z]{0,2}-?[0-9]{1,4}[A-Za-z]?$/.test(desk) ? fill(language, "room", { x: desk }) : desk;
}

function range(wait) {
  if (!wait) return "";
  const key = wait.from_minutes === 0 ? "soon" : "between";
  return fill(language, key, { from: wait.from_minutes, to: wait.to_minutes });
}

function show(seen) {
  said.at = Date.now();
  said.asOf = clock(seen.as_of, seen.zone);
  document.body.dataset.state = seen.status;
  put("clinic", seen.clinic);
  put("number", seen.number);
  put("now", sentence(seen));
  put("range", range(seen.wait));
  put("honest", seen.wait ? fill(language, "honest") : "");
  put("as-of", fill(language, "asOf", { time: said.asOf }));
}

function end() {
  document.body.dataset.state = "gone";
  put("now", fill(language, "gone"));
  ["number", "range", "honest", "as-of"].forEach((id) => put(id, ""));
}

async function ask() {
  clearTimeout(next);
  try {
    const answer = await fetch(`${location.pathname.replace(/\/$/, "")}/now`, { cache: "no-store" });
    if (answer.status === 404) return end();
    if (answer.ok) show(await answer.json());
  } catch {
    // the network is away: what is shown stays, and says of when it is
  }
  if (Date.now() - said.at > BEHIND) {
    document.body.dataset.state = "behind";
    put("as-of", said.asOf ? fill(language, "behind", { time: said.asOf }) : fill(language, "offline"));
  }
  next = setTimeout(ask, document.hidden ? EVERY * 4 : EVERY);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && document.body.dataset.state !== "gone") ask();
});
ask();
