/** How loud a sound is, as a gain that brings it to a common level: K-weighted as in ITU-R BS.1770, without its gates. */
export async function levelling(buffer) {
  const context = new OfflineAudioContext(buffer.numberOfChannels, buffer.length, buffer.sampleRate);
  const source = new AudioBufferSourceNode(context, { buffer });
  const shelf = new BiquadFilterNode(context, { type: "highshelf", frequency: 1682, gain: 4 });
  const highPass = new BiquadFilterNode(context, { type: "highpass", frequency: 38, Q: -6 });
  source.connect(shelf).connect(highPass).connect(context.destination);
  source.start();
  const weighted = await context.startRendering();
  let power = 1e-9;
  for (let c = 0; c < weighted.numberOfChannels; c += 1) {
    for (const sample of weighted.getChannelData(c)) power += (sample * sample) / weighted.length;
  }
  return Math.min(1, QUIET / Math.sqrt(power));
}

// An RMS that all clips can be turned down to: -20 LUFS.
const QUIET = 0.108;
