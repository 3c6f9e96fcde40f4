// Riffusion's pictures: 512 mel bands on the HTK scale from 0 to 10,000 Hz, low notes at the bottom.

const TOP_HZ = 10_000;
const NOTES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

/** The frequency that is drawn at a height, in Hz. */
export function frequencyAt(height) {
  return 700 * (10 ** ((height * mel(TOP_HZ)) / 2595) - 1);
}

/** The nearest note of a piano that is tuned to 440 Hz, e.g. `F♯4`. */
export function noteName(hz) {
  const midi = Math.round(69 + 12 * Math.log2(hz / 440));
  return `${NOTES[((midi % 12) + 12) % 12]}${Math.floor(midi / 12) - 1}`;
}

/** A frequency as people read it: `370 Hz`, `1.24 kHz`. */
export function hertz(hz) {
  return hz < 1000 ? `${Math.round(hz)} Hz` : `${(hz / 1000).toFixed(2)} kHz`;
}

function mel(hz) {
  return 2595 * Math.log10(1 + hz / 700);
}
