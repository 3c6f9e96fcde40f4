// A loop must end where it begins. The model's files are 10 ms short of two bars: played round and round as they are,
// they stumble; and any file may jump from its last sample to its first.

const SMOOTHED = 64;

/**
 * One channel, `length` samples long, that goes on at its start without a click.
 *
 * What is missing at the end is filled with the end turned round, fading into the start turned round: both meet their
 * neighbours in the very same sample, and the beat stays where it is. What is too much is cut off. A jump that is left
 * at the seam is spread over its last samples.
 */
export function closed(samples, length) {
  const loop = new Float32Array(length);
  loop.set(samples.subarray(0, length));
  const missing = length - samples.length;
  for (let i = 0; i < missing; i += 1) {
    const way = ((i + 1) / (missing + 1)) * (Math.PI / 2);
    const ending = samples[Math.max(0, samples.length - 2 - i)];
    const beginning = samples[Math.min(samples.length - 1, missing - i)];
    loop[samples.length + i] = Math.cos(way) ** 2 * ending + Math.sin(way) ** 2 * beginning;
  }
  return smoothed(loop);
}

/** Bends the last samples so that the step over the seam is no larger than the one before it. */
function smoothed(loop) {
  const last = loop.length - 1;
  const jump = loop[0] - loop[last];
  const usual = Math.abs(loop[last] - loop[last - 1]) + Math.abs(loop[1] - loop[0]) + 1e-4;
  if (Math.abs(jump) <= usual) return loop;
  for (let i = 0; i < SMOOTHED; i += 1) {
    const nearness = 0.5 - 0.5 * Math.cos((Math.PI * (i + 1)) / SMOOTHED);
    loop[last - SMOOTHED + 1 + i] += jump * nearness;
  }
  return loop;
}
