/** The gains, at most 1, that make all of them as loud as the quietest one. */
export async function levelled(buffers) {
  const levels = await Promise.all(buffers.map(loudness));
  const quietest = Math.max(AUDIBLE, Math.min(...levels));
  return levels.map((level) => Math.min(1, quietest / level));
}

/** How loud a sound is, as an amplitude: K-weighted as in ITU-R BS.1770, without its gates. */
async function loudness(buffer) {
  const context = new OfflineAudioContext(buffer.numberOfChannels, buffer.length, buffer.sampleRate);
  const source = new AudioBufferSourceNode(context, { buffer });
  const shelf = new BiquadFilterNode(context, { type: "highshelf", frequency: 1682, gain: 4 });
  const highPass = new BiquadFilterNode(context, { type: "highpass", frequency: 38, Q: -6 });
  source.connect(shelf).connect(highPass).connect(context.destination);
  source.start();
  const weighted = await context.startRendering();
  let power = 1e-12;
  for (let c = 0; c < weighted.numberOfChannels; c += 1) {
    for (const sample of weighted.getChannelData(c)) power += (sample * sample) / weighted.length;
  }
  return Math.sqrt(power);
}

// Nothing is turned down to the level of silence.
const AUDIBLE = 0.005;
