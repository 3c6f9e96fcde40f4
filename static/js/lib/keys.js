import { keep, recall } from "./device.js";
import { BEAT_SECONDS } from "./grid.js";

const BAR_SECONDS = 4 * BEAT_SECONDS;
const LETTERS = "letters";
const TAKEN = "a, button, input, select, textarea, summary, audio, [contenteditable], dialog[open] *";
const TYPING = "input:not([type=checkbox]), select, textarea, audio, [contenteditable], dialog[open] *";
const SHELF_ACTS = { n: "next", p: "previous", b: "leadToBar" };
const ACTS = { " ": "toggle", k: "toggle", l: "toggleLoop", m: "toggleMute", x: "compare", "?": "toggleHelp" };

/** What a key asks of a player: the name of an act, or the seconds to go to; undefined where it is not meant for it. */
export function meaning(event, position, duration) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (event.target.closest?.(TAKEN)) return undefined;
  const act = ACTS[event.key.toLowerCase()];
  if (act) return event.key === " " || lettersAreOn() ? act : undefined;
  return secondsFor(event, position, duration);
}

/** What a key asks of a shelf: the name of an act; undefined where it is not meant for it. */
export function meaningOnShelf(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !lettersAreOn()) return undefined;
  if (event.target.closest?.(TYPING)) return undefined;
  return SHELF_ACTS[event.key.toLowerCase()];
}

/** Letters and digits can be switched off: somebody may speak to their computer, or type by a switch. */
export function lettersAreOn() {
  return recall(LETTERS) !== false;
}

export function switchLetters(on) {
  keep(LETTERS, on);
}

function secondsFor({ key, shiftKey }, position, duration) {
  const step = shiftKey ? BAR_SECONDS : BEAT_SECONDS;
  if (/^[0-9]$/.test(key) && lettersAreOn()) return (Number(key) / 10) * duration;
  const around = (seconds) => ((seconds % duration) + duration) % duration;
  const beats = position / step;
  // To the beat before or after; from just behind one, back to the one before it, as a second press is meant.
  if (key === "ArrowRight") return around((Math.floor(beats + 0.05) + 1) * step);
  if (key === "ArrowLeft") return around((Math.ceil(beats - 0.2) - 1) * step);
  if (key === "Home") return 0;
  if (key === "End") return Math.max(0, duration - BEAT_SECONDS);
  return undefined;
}
