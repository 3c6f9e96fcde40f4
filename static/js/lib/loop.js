// Decoded at another rate than its own, a loop would be resampled as if silence lay around it, and click at the seam.
const SAMPLE_RATE = 44_100;
const FADE = 0.02;

/** Plays a sound round and round without a gap, one at a time; where it cannot be decoded, as an audio element does. */
export class Loop {
  sounds = new Map();

  /** Play what is at `address` until stop(); rejects where it cannot be had. Browsers want the first to be in a tap. */
  async play(address) {
    this.stop();
    const turn = (this.turn = Symbol(address));
    try {
      this.context ??= new AudioContext({ sampleRate: SAMPLE_RATE });
      this.context.resume();
      const sound = await this.decoded(address);
      if (turn === this.turn) this.end = this.start(sound);
    } catch {
      if (turn === this.turn) await this.playPlainly(address);
    }
  }

  stop() {
    this.turn = undefined;
    this.end?.();
    this.end = undefined;
  }

  /** Stop, and let go of the loudspeaker for good. */
  close() {
    this.stop();
    this.context?.close();
  }

  async decoded(address) {
    if (!this.sounds.has(address)) {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(`The studio answered ${answer.status}`);
      this.sounds.set(address, await this.context.decodeAudioData(await answer.arrayBuffer()));
    }
    return this.sounds.get(address);
  }

  /** Answers how to end it: quickly, but without a click. */
  start(sound) {
    const { context } = this;
    const source = new AudioBufferSourceNode(context, { buffer: sound, loop: true });
    const level = new GainNode(context);
    source.connect(level).connect(context.destination);
    source.start();
    return () => {
      level.gain.setTargetAtTime(0, context.currentTime, FADE / 5);
      source.stop(context.currentTime + FADE);
      source.onended = () => this.rest();
    };
  }

  /** A loudspeaker that is held open drains a phone. */
  rest() {
    if (!this.turn && this.context.state === "running") this.context.suspend();
  }

  async playPlainly(address) {
    const audio = new Audio(address);
    audio.loop = true;
    this.end = () => audio.pause();
    await audio.play();
  }
}
