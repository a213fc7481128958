// How does text get onto the page?  By textContent only, and only when it changed.

import { LANGUAGES, fill } from "./words.js";

export const one = (selector, within = document) => within.querySelector(selector);

/** A screen reader and the layout have better things to do than to hear the same again every second. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Text in a language: the element says which, so that a reader pronounces it and Arabic runs from the right. */
export function word(element, language, text) {
  write(element, text);
  if (element.lang !== language) {
    element.lang = language;
    element.dir = LANGUAGES[language].dir;
  }
}

/** Fills every element that names its word in the markup. */
export function words(language, within = document) {
  within.querySelectorAll("[data-word]").forEach((element) => word(element, language, fill(language, element.dataset.word)));
}

/** The page's own language, direction and title: the clinic's. The rotating labels turn over in place; if the whole layout
 *  turned with them, the number that somebody is looking for would jump across the room. */
export function setting(language, title) {
  document.documentElement.lang = language;
  document.documentElement.dir = LANGUAGES[language].dir;
  if (title) document.title = title;
}
