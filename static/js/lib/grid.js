// The grid every clip is laid on: two bars of four beats at 93.75 BPM, as segue/audio/grid.py has it.

export const BEATS = 8;
export const BEAT_SECONDS = 0.64;
export const LOOP_SECONDS = BEATS * BEAT_SECONDS;
const BEATS_PER_BAR = 4;

/** The bar and the beat that a moment of the loop is in, both counted from one. */
export function place(seconds) {
  const beat = Math.min(BEATS - 1, Math.max(0, Math.floor(seconds / BEAT_SECONDS + 1e-6)));
  return { bar: Math.floor(beat / BEATS_PER_BAR) + 1, beat: (beat % BEATS_PER_BAR) + 1 };
}

/** How many samples an exact loop has: the model's own files stop 10 ms short of it. Others loop at their own length. */
export function loopLength(samples, sampleRate) {
  const exact = Math.round(LOOP_SECONDS * sampleRate);
  return Math.abs(samples - exact) <= NEARLY * sampleRate ? exact : samples;
}

/** A clip of another length has no bars to tell of. */
export function isLoop(seconds) {
  return Math.abs(seconds - LOOP_SECONDS) <= NEARLY;
}

const NEARLY = 0.12;
