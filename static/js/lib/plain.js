/** A native audio element with a Transport's manners, for sounds that cannot be decoded: no exact loop, one sound. */
export class Plain extends EventTarget {
  heard = 0;
  looping = true;

  constructor(audio) {
    super();
    this.audio = audio;
    this.listening = new AbortController();
    const { signal } = this.listening;
    for (const name of ["play", "pause", "ended", "seeked"]) {
      audio.addEventListener(name, () => this.dispatchEvent(new Event("change")), { signal });
    }
    audio.addEventListener("loadedmetadata", () => this.wish === undefined || this.seek(this.wish), { signal });
  }

  get playing() {
    return !this.audio.paused;
  }

  get duration() {
    return this.audio.duration || 0;
  }

  get position() {
    return this.wish ?? this.audio.currentTime;
  }

  /** Rejects where it cannot be played. That it was paused before it began is no trouble. */
  async play() {
    this.audio.loop = this.looping;
    try {
      await this.audio.play();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  pause() {
    this.audio.pause();
  }

  /** Before it is known how long the sound is, the wish is kept until it is. */
  seek(seconds) {
    this.wish = this.duration ? undefined : seconds;
    if (this.duration) this.audio.currentTime = Math.min(Math.max(0, seconds), this.duration);
  }

  setLooping(looping) {
    this.looping = this.audio.loop = looping;
  }

  setRate(rate) {
    this.audio.playbackRate = rate;
  }

  setGain(gain) {
    this.audio.volume = gain;
  }

  hear() {
    return 0;
  }

  close() {
    this.listening.abort();
    this.audio.pause();
  }
}
