import { isLoop, place } from "./grid.js";

const NAME_LENGTH = 28;

/** Where the crossfader is, and toward what: `["30%", "toward", "late night jazz"]`, or `["All", "", "church bells"]`. */
export function toward(alpha, promptA, promptB) {
  const percent = Math.round(alpha * 100);
  if (percent === 0) return ["All", "", short(promptA) || "A"];
  if (percent === 100) return ["All", "", short(promptB) || "B"];
  return [`${percent}%`, "toward", short(promptB) || "B"];
}

/** As much of a prompt as makes a name for it: whole words, where it has any. */
export function short(prompt) {
  const letters = [...prompt];
  if (letters.length <= NAME_LENGTH) return prompt;
  const start = letters.slice(0, NAME_LENGTH).join("");
  return `${start.replace(/[\s,;.:]+\S{0,12}$/u, "")}…`;
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
