import { isLoop, place } from "./grid.js";

/** The crossfader in words, e.g. `70% A · 30% B`. */
export function share(alpha) {
  const b = Math.round(alpha * 100);
  return `${100 - b}% A · ${b}% B`;
}

/** Seconds as a clock shows them, e.g. `1:07`. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The same to the tenth, e.g. `0:01.3`. */
export function fineClock(seconds) {
  return `${clock(seconds)}.${Math.floor((Math.max(0, seconds) % 1) * 10 + 1e-6)}`;
}

/** The bar and the beat in words, for clips that have them: `bar 1 beat 4`. */
export function placeInWords(position, duration) {
  if (!isLoop(duration)) return "";
  const { bar, beat } = place(position);
  return `bar ${bar} beat ${beat}`;
}

/** Where a clip stands, said in full: `0:02 of 0:05, bar 1 beat 4`. */
export function standing(position, duration) {
  const words = placeInWords(position, duration);
  return `${clock(position)} of ${clock(duration)}${words && `, ${words}`}`;
}
