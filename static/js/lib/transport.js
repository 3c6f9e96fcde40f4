import { BEAT_SECONDS } from "./grid.js";
import { SAMPLE_RATE, atRate } from "./sound.js";

const CUT = 0.004;
const paces = new WeakMap();
const SOON = 0.02;

/**
 * Plays loops to the sample, all of them in phase and one of them heard. Positions are seconds of the loop at its own
 * speed. Emits `change` when it starts, stops or is taken elsewhere.
 */
export class Transport extends EventTarget {
  loops = [];
  levels = [];
  heard = 0;
  looping = true;
  rate = 1;
  #place = 0;
  #voices = [];

  constructor() {
    super();
    this.context = new AudioContext({ sampleRate: SAMPLE_RATE });
    this.master = new GainNode(this.context);
    this.master.connect(this.context.destination);
  }

  get playing() {
    return this.#voices.length > 0;
  }

  get duration() {
    return this.loops[0].duration;
  }

  /** Where the listener is: not where the next samples are computed, but what leaves the loudspeaker now. */
  get position() {
    if (!this.playing) return this.#place;
    const passed = Math.max(0, this.#now() - this.began) * this.rate;
    return this.looping ? passed % this.duration : Math.min(passed, this.duration);
  }

  /** Replace what can be heard. The levels are gains that make all of it equally loud. */
  load(loops, levels = loops.map(() => 1)) {
    this.#again(() => {
      [this.loops, this.levels] = [loops, levels];
      this.heard = Math.min(this.heard, loops.length - 1);
    });
  }

  play() {
    this.context.resume();
    this.#start();
    this.#tell();
  }

  pause() {
    if (!this.playing) return this.#rest();
    this.#place = this.looping || this.position < this.duration ? this.position : 0;
    this.#stop();
    this.#tell();
  }

  seek(seconds) {
    this.#again(() => {
      this.#place = Math.min(Math.max(0, seconds), this.duration - 1e-3);
    });
  }

  setLooping(looping) {
    this.#again(() => {
      this.looping = looping;
    });
  }

  setRate(rate) {
    for (const loop of this.loops) paced(loop, rate);
    this.#again(() => {
      this.rate = rate;
    });
  }

  setGain(gain) {
    this.master.gain.setTargetAtTime(gain, this.context.currentTime, CUT);
  }

  /** Hear another of the loops, from the next beat on. Answers the seconds until then. */
  hear(index) {
    this.heard = index;
    if (!this.playing) return 0;
    const now = this.context.currentTime;
    const beat = BEAT_SECONDS / this.rate;
    const next = this.began + Math.ceil((now + SOON - this.began) / beat) * beat;
    this.#voices.forEach(({ level }, voice) => {
      level.gain.setTargetAtTime(voice === index ? this.levels[voice] : 0, next, CUT);
    });
    return next - now;
  }

  close() {
    this.#stop();
    this.context.close();
  }

  /** What has just left the loudspeaker, on the context's clock. */
  #now() {
    const { contextTime, performanceTime } = this.context.getOutputTimestamp();
    const now = this.context.currentTime;
    if (!performanceTime) return now;
    return Math.min(now, contextTime + (performance.now() - performanceTime) / 1000);
  }

  #again(change) {
    const playing = this.playing;
    this.#place = this.position;
    this.#stop();
    change();
    if (playing) this.#start();
    this.#tell();
  }

  #start() {
    this.#stop();
    const at = this.context.currentTime + SOON;
    const offset = this.#place / this.rate;
    this.#voices = this.loops.map((loop, index) => {
      const buffer = paced(loop, this.rate);
      const source = new AudioBufferSourceNode(this.context, { buffer, loop: this.looping });
      const level = new GainNode(this.context, { gain: index === this.heard ? this.levels[index] : 0 });
      source.connect(level).connect(this.master);
      source.start(at, Math.min(offset, buffer.duration));
      return { source, level };
    });
    this.began = at - offset;
    const [{ source }] = this.#voices;
    source.onended = () => this.#ended(source);
  }

  #stop() {
    const now = this.context.currentTime;
    for (const { source, level } of this.#voices) {
      source.onended = () => this.#rest();
      level.gain.setTargetAtTime(0, now, CUT / 2);
      source.stop(now + 4 * CUT);
    }
    this.#voices = [];
  }

  #ended(source) {
    if (this.#voices[0]?.source !== source) return;
    this.#place = 0;
    this.#voices = [];
    this.#tell();
    this.#rest();
  }

  /** A loudspeaker that is held open drains a phone. */
  #rest() {
    if (!this.playing && this.context.state !== "closed") this.context.suspend();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** The loop at that rate; worked out once, since it takes a moment. */
function paced(loop, rate) {
  if (!paces.has(loop)) paces.set(loop, new Map());
  const rates = paces.get(loop);
  if (!rates.has(rate)) rates.set(rate, atRate(loop, rate));
  return rates.get(rate);
}
