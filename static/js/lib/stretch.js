// Slower or faster at the same pitch: pieces of the loop are laid over one another closer together or further apart,
// each moved by a few milliseconds to where it agrees best with what is there already (WSOLA: Verhelst and Roelands,
// ICASSP 1993). All of it goes round in a circle, so that the seam stays as exact as it was.

const PIECE = 2048;
const HOP = PIECE / 2;
const SEARCH = 512;
const EVERY = 4;

/** The channels of a loop, played at `rate` times their speed: each round(length / rate) samples long. */
export function stretched(channels, rate) {
  const size = channels[0].length;
  const length = Math.round(size / rate);
  const pieces = Math.round(length / HOP);
  const guide = mixed(channels);
  const out = channels.map(() => new Float32Array(length));
  const weight = new Float32Array(length);
  const window = hann(PIECE);
  let from = 0;
  for (let piece = 0; piece < pieces; piece += 1) {
    const to = Math.round((piece * length) / pieces);
    const wished = Math.round((to * size) / length);
    if (piece > 0) from = agreeing(guide, from + HOP, wished);
    for (let i = 0; i < PIECE; i += 1) {
      const at = (to + i) % length;
      weight[at] += window[i];
      for (let c = 0; c < out.length; c += 1) out[c][at] += window[i] * channels[c][(from + i) % size];
    }
  }
  for (const channel of out) for (let i = 0; i < length; i += 1) channel[i] /= weight[i];
  return out;
}

/** The place near `wished` whose sound is most like what would have come next. */
function agreeing(guide, next, wished) {
  const size = guide.length;
  let best = wished;
  let most = -Infinity;
  for (let shift = -SEARCH; shift <= SEARCH; shift += EVERY) {
    let likeness = 0;
    let power = 1e-9;
    for (let i = 0; i < PIECE; i += EVERY * 2) {
      const there = guide[(wished + shift + i + size) % size];
      likeness += there * guide[(next + i) % size];
      power += there * there;
    }
    const score = likeness / Math.sqrt(power);
    if (score > most) [most, best] = [score, wished + shift];
  }
  return (best + size) % size;
}

function mixed(channels) {
  const sum = Float32Array.from(channels[0]);
  for (const channel of channels.slice(1)) for (let i = 0; i < sum.length; i += 1) sum[i] += channel[i];
  return sum;
}

function hann(size) {
  return Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / size));
}
