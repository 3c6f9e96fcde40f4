const NAME_LENGTH = 28;

/** Where the crossfader is, and toward what: `["30% toward", "late night jazz"]`, or `["all", "church bells"]`. */
export function toward(alpha, promptA, promptB) {
  const percent = Math.round(alpha * 100);
  if (percent === 0) return ["all", short(promptA) || "A"];
  if (percent === 100) return ["all", short(promptB) || "B"];
  return [`${percent}% toward`, short(promptB) || "B"];
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
