// How is a call heard?  A chime made on the spot (no file to load), then the number in each language that has a voice.

import { LANGUAGES, sentence } from "./words.js";

const LONGEST_SPEECH = 12_000; // some browsers never report the end of a sentence
const MOST_WAITING = 4; // calls not yet said; older ones are on the wall anyway
const GAP = 400;

let audio = null;
let muted = false;
let speaking = false;
const pending = [];

/** Makes the sound output. Browsers keep it silent until somebody touches the page (or a kiosk flag allows it). */
export function prepare(changed) {
  const Output = window.AudioContext || window.webkitAudioContext;
  if (!Output) return;
  audio = new Output();
  audio.onstatechange = changed;
  const wake = () => audio.state === "suspended" && !muted && audio.resume();
  for (const kind of ["pointerdown", "keydown", "touchend"]) document.addEventListener(kind, wake, { passive: true });
}

/** "on", "off", or "blocked" until the first touch; "none" where the browser cannot. */
export function state() {
  if (!audio) return "none";
  if (muted) return "off";
  return audio.state === "running" ? "on" : "blocked";
}

export function toggle() {
  if (!audio) return;
  muted = state() === "on";
  if (muted) {
    pending.length = 0;
    if (window.speechSynthesis) speechSynthesis.cancel();
  } else {
    audio.resume();
  }
}

/** Calls are said one after the other, never on top of each other. `at` is {key, place}, as words.placed takes it. */
export function announce({ face, at, languages }) {
  if (state() !== "on") return;
  pending.push({ face, at, languages });
  if (pending.length > MOST_WAITING) pending.shift();
  if (!speaking) work();
}

async function work() {
  speaking = true;
  while (pending.length) {
    const { face, at, languages } = pending.shift();
    await chime();
    for (const language of languages) if (!muted) await say(language, face, at);
    await rest(GAP);
  }
  speaking = false;
}

function rest(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}

/** Two soft falling notes, each a tone and its octave. */
function chime() {
  const start = audio.currentTime + 0.02;
  [[659.25, 0], [523.25, 0.45]].forEach(([pitch, delay]) => {
    [[1, 0.22], [2, 0.05]].forEach(([times, loud]) => {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = pitch * times;
      volume.gain.setValueAtTime(0.0001, start + delay);
      volume.gain.exponentialRampToValueAtTime(loud, start + delay + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + delay + 1.1);
      tone.connect(volume).connect(audio.destination);
      tone.onended = () => volume.disconnect();
      tone.start(start + delay);
      tone.stop(start + delay + 1.2);
    });
  });
  return rest(1500);
}

/** "A-001" is read letter by letter: "one hundred and one" and "A minus" help nobody. */
export function spelled(face) {
  return (face.match(/[\p{L}\p{N}]/gu) || []).join(" ");
}

function say(language, face, at) {
  const synth = window.speechSynthesis;
  const voice = synth && voiceFor(language);
  if (!voice) return undefined; // an English voice reading Hindi is worse than the chime alone
  return new Promise((done) => {
    const speech = new SpeechSynthesisUtterance(sentence(language, spelled(face), at));
    const finish = () => {
      clearTimeout(limit);
      speech.onend = speech.onerror = null;
      done();
    };
    const limit = setTimeout(() => {
      synth.cancel();
      finish();
    }, LONGEST_SPEECH);
    speech.lang = voice.lang;
    speech.voice = voice;
    speech.rate = 0.9;
    speech.onend = speech.onerror = finish;
    synth.speak(speech);
  });
}

function voiceFor(language) {
  const tag = (voice) => voice.lang.replace("_", "-");
  const fitting = speechSynthesis.getVoices().filter((voice) => tag(voice).split("-")[0] === language);
  return fitting.find((voice) => tag(voice) === LANGUAGES[language].speech) || fitting[0];
}
