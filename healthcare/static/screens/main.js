// What does the screen do from being switched on to being taken down?

import { day, hourAndMinute, liveIn, now } from "./clock.js";
import { makeControls } from "./controls.js";
import { ask } from "./http.js";
import { makeLines } from "./lines.js";
import { face, whereTo } from "./panel.js";
import { forget, newCode, remember, remembered, watch } from "./pairing.js";
import * as sound from "./sound.js";
import { awake, renewer, shifter } from "./stay.js";
import { one, setting, word, words, write } from "./text.js";
import { makeWall } from "./wall.js";
import { fill, known, sentence } from "./words.js";

const { displays, sockets, pages, alive, language: preset } = document.body.dataset;
const MOST_QUEUES = 6;
const ROTATE_EVERY = 8; // seconds

let watcher = null; // reads the display while there is a credential
let lines = null; // follows the queues while the display is paired
let config = null; // what the paired display may show
let unreadSince = 0; // when the display was last read, while it cannot be
let readAt = now();
let languages = known([preset, ...navigator.languages]).slice(0, 1);
let turn = 0;
let held = false;
let round = 0; // a code that arrives after we stopped wanting it is nobody's
const wall = makeWall();
const controls = makeControls({
  held: () => held,
  hold: () => {
    held = !held;
  },
  several: () => languages.length > 1,
  changed: () => draw(),
});

const language = () => languages[turn % languages.length];

function show(state) {
  document.body.dataset.state = state;
  for (const name of ["starting", "pairing", "board"]) one(`[data-shows=${name}]`).hidden = name !== state;
}

// ---- pairing

function stop() {
  round += 1;
  if (watcher) watcher.stop();
  if (lines) lines.close();
  watcher = lines = config = null;
  wall.clear();
}

async function pair() {
  stop();
  forget();
  const mine = round;
  history.replaceState(null, "", pages);
  showCode(null, "pairWait");
  const made = await newCode(displays, { trouble: () => showCode(null, "pairOffline"), stopped: () => mine !== round });
  if (!made) return;
  // The code too, so that a reload while staff are typing it shows the same one.
  remember({ id: made.id, secret: made.secret, code: made.code, expires_at: made.expires_at });
  follow();
}

function showCode(credential, note) {
  show("pairing");
  const code = one("#code");
  code.hidden = !credential;
  write(code, credential ? inTwo(credential.code) : "");
  const until = credential && hourAndMinute(Date.parse(credential.expires_at));
  word(one("#pair-note"), language(), fill(language(), note || "pairUntil", { time: until }));
  draw();
}

/** "K74QXR" is read out as "K74-QXR"; the server takes both. */
function inTwo(code) {
  return /^\w{6,}$/.test(code) ? `${code.slice(0, code.length / 2)}-${code.slice(code.length / 2)}` : code;
}

function follow() {
  const credential = remembered();
  watcher = watch(displays, credential, {
    pending: () => (credential.code ? showCode(credential) : pair()),
    expired: pair,
    gone: pair,
    paired: (fresh) => paired(fresh, credential),
    unreachable() {
      if (credential.code) showCode(credential, "pairOffline");
      else if (!config) word(one("#start-note"), language(), fill(language(), "pairOffline"));
      unreadSince = readAt;
      draw();
    },
  });
}

// ---- the board

function paired(fresh, credential) {
  const { id, secret } = credential;
  if (credential.code) {
    remember({ id, secret }); // the code has done its work
    delete credential.code;
  }
  readAt = now();
  unreadSince = 0;
  config = fresh;
  liveIn(fresh.clinic.zone);
  languages = known(fresh.languages);
  setting(known([fresh.clinic.language, ...fresh.languages])[0], `${fresh.clinic.name} – ${fresh.name}`);
  write(one("#clinic"), fresh.clinic.name);
  write(one("#display"), fresh.name);
  if (!lines) {
    history.replaceState(null, "", pages + id);
    show("board");
    lines = makeLines({ sockets, alive, ticket: () => ticket(id, secret), changed: draw, called });
  }
  lines.arrange(fresh.queues.slice(0, MOST_QUEUES));
  draw();
}

async function ticket(id, secret) {
  const { status, body, wait } = await ask("POST", `${displays}/${id}/tickets`, { secret });
  // Reading the display decides whether we are still welcome: there a refusal is heard twice before it is believed.
  if ((status === 401 || status === 404) && watcher) watcher.look();
  return status === 201 ? { ticket: body.ticket } : { wait };
}

function called(queue, token) {
  const shown = face(token, config.show);
  const at = whereTo(queue, token);
  wall.flash(queue.id);
  sound.announce({ face: shown, at, languages });
  word(one("#spoken"), languages[0], sentence(languages[0], shown, at));
}

// ---- drawing, and the one clock that everything slow hangs on

function draw() {
  words(language(), one("#screen"));
  controls.draw(language());
  tell();
  if (!config) return;
  const before = document.body.dataset.live;
  wall.draw({ rows: lines.rows(), show: config.show, language: language(), since: unreadSince });
  // Said to a screen reader once; the notice itself changes its language every few seconds and must not speak each time.
  if (before === "yes" && document.body.dataset.live === "no") word(one("#spoken"), language(), one("#notice").textContent);
}

function tell() {
  write(one("#clock"), hourAndMinute(now()));
  word(one("#date"), language(), day(now(), language()));
}

const shift = shifter(one("#screen"));
const renew = renewer();
let seconds = 0;

setInterval(() => {
  seconds += 1;
  tell();
  shift();
  renew();
  if (seconds % ROTATE_EVERY || held || languages.length < 2) return;
  turn = (turn + 1) % languages.length;
  draw();
}, 1000);

addEventListener("resize", draw);
addEventListener("online", () => watcher && watcher.look());
awake();
draw();
if (remembered()) follow();
else pair();
