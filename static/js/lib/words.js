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
