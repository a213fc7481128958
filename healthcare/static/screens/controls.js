// What can somebody who stands before the screen do?  Sound, language, full screen; nothing of it is needed to run.

import * as sound from "./sound.js";
import { one, word } from "./text.js";
import { fill } from "./words.js";

const QUIET_AFTER = 6_000; // without pointer or key the buttons leave the wall

/** `held()` and `hold()` read and turn over whether the language stays; `changed()` redraws. */
export function makeControls({ held, hold, several, changed }) {
  const volume = one("#sound");
  const languages = one("#languages");
  const full = one("#full");
  let quiet = 0;

  sound.prepare(changed);
  volume.onclick = () => {
    sound.toggle();
    changed();
  };
  languages.onclick = () => {
    hold();
    changed();
  };
  full.onclick = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => {}); // a browser already without chrome may refuse
  };

  function stir() {
    document.body.dataset.quiet = "no";
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      document.body.dataset.quiet = "yes";
    }, QUIET_AFTER);
  }
  for (const kind of ["pointermove", "pointerdown", "keydown", "focusin"]) {
    document.addEventListener(kind, stir, { passive: true });
  }
  stir();

  return {
    draw(language) {
      const state = sound.state();
      volume.hidden = state === "none";
      volume.dataset.state = state; // blocked: this one stays on the wall until it has been touched
      word(volume, language, fill(language, state === "on" ? "soundOff" : "soundOn"));
      languages.hidden = !several();
      word(languages, language, fill(language, held() ? "rotateLanguage" : "holdLanguage"));
      full.hidden = !document.documentElement.requestFullscreen;
      word(full, language, fill(language, "fullScreen"));
    },
  };
}
