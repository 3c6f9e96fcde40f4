import { loopLength } from "./grid.js";
import { closed } from "./seam.js";
import { stretched } from "./stretch.js";

// Decoded at another rate than its own, a loop would be resampled as if silence lay around it.
export const SAMPLE_RATE = 44_100;

/** What is at `address`, fetched and decoded, as a loop without a gap. Rejects where that cannot be done. */
export async function fetchLoop(address, signal) {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw new Error(`The studio answered ${answer.status}`);
  const decoder = new OfflineAudioContext(2, 1, SAMPLE_RATE);
  return asLoop(await decoder.decodeAudioData(await answer.arrayBuffer()));
}

/** The sound as a loop: two bars are 225,792 samples whatever the file has, and the end meets the beginning. */
export function asLoop(sound) {
  const length = loopLength(sound.length, sound.sampleRate);
  return bufferOf(
    channelsOf(sound).map((channel) => closed(channel, length)),
    sound.sampleRate,
  );
}

/** The loop at `rate` times its speed, its pitch kept. */
export function atRate(loop, rate) {
  return rate === 1 ? loop : bufferOf(stretched(channelsOf(loop), rate), loop.sampleRate);
}

function channelsOf(sound) {
  return Array.from({ length: sound.numberOfChannels }, (_, channel) => sound.getChannelData(channel));
}

function bufferOf(channels, sampleRate) {
  const buffer = new AudioBuffer({ length: channels[0].length, numberOfChannels: channels.length, sampleRate });
  channels.forEach((channel, index) => buffer.copyToChannel(channel, index));
  return buffer;
}
