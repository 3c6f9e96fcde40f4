import { isLoop, place } from "./lib/grid.js";
import { frequencyAt, hertz, noteName } from "./lib/pitch.js";
import { fineClock, placeInWords, standing } from "./lib/words.js";

/**
 * A spectrogram as the place to seek in: a slider over its whole surface, with the grid's beats and the pitch axis.
 *
 * data-length: the seconds it shows. Properties: `position`, where the playhead stands; `moving`, whether it moves by
 * itself. say() tells where it stands to who listens to the page. Emits `seek` with the seconds somebody asks for, by
 * pointer; keys are the player's.
 */
class ClipSpectrogram extends HTMLElement {
  connectedCallback() {
    this.head = this.querySelector(".spectrogram-head");
    this.cross = this.querySelector(".spectrogram-cross");
    this.readout = this.querySelector(".spectrogram-readout");
    this.beats = [...this.querySelectorAll(".spectrogram-beats > *")];
    this.role = "slider";
    this.tabIndex = 0;
    this.ariaLabel = "Position";
    this.ariaValueMin = "0";
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("pointerdown", (event) => this.grabbed(event), { signal });
    this.addEventListener("pointermove", (event) => this.pointed(event), { signal });
    this.addEventListener("pointerleave", () => this.left(), { signal });
    this.length = Number(this.dataset.length);
    this.position = 0;
  }

  disconnectedCallback() {
    this.listening.abort();
    cancelAnimationFrame(this.scrubbing);
  }

  get length() {
    return this.seconds;
  }

  set length(seconds) {
    this.seconds = seconds;
    this.ariaValueMax = seconds.toFixed(2);
    this.toggleAttribute("data-bars", isLoop(seconds));
    this.told = undefined;
  }

  set position(seconds) {
    this.head.style.setProperty("--at", this.seconds > 0 ? Math.min(1, seconds / this.seconds) : 0);
    this.head.hidden = false;
    this.at = seconds;
    const { bar, beat } = place(seconds);
    this.beats.forEach((mark, index) => mark.toggleAttribute("data-here", index === (bar - 1) * 4 + beat - 1));
    // A focused slider is read out whenever it changes: while it moves by itself, that would be at every beat.
    if (!this.moving || document.activeElement !== this) this.say();
  }

  say() {
    const words = standing(this.at, this.seconds);
    if (words === this.told) return;
    this.told = this.ariaValueText = words;
    this.ariaValueNow = this.at.toFixed(2);
  }

  grabbed(event) {
    if (event.button !== 0) return;
    this.setPointerCapture(event.pointerId);
    this.scrub(event);
  }

  pointed(event) {
    const { x, y } = this.placeOf(event);
    this.cross.hidden = this.readout.hidden = false;
    this.cross.style.setProperty("--x", x);
    this.cross.style.setProperty("--y", y);
    const hz = frequencyAt(1 - y);
    const note = hz < 27 ? "" : ` · ${noteName(hz)}`;
    const at = x * this.seconds;
    const beat = placeInWords(at, this.seconds);
    this.readout.textContent = `${hertz(hz)}${note} · ${fineClock(at)}${beat && ` · ${beat}`}`;
    this.readout.toggleAttribute("data-left", x > 0.5);
    if (this.hasPointerCapture(event.pointerId)) this.scrub(event);
  }

  left() {
    this.cross.hidden = this.readout.hidden = true;
  }

  /** However fast the pointer moves, one seek a frame is enough. */
  scrub(event) {
    const { x } = this.placeOf(event);
    cancelAnimationFrame(this.scrubbing);
    this.scrubbing = requestAnimationFrame(() => {
      this.dispatchEvent(new CustomEvent("seek", { detail: x * this.seconds }));
    });
  }

  placeOf({ clientX, clientY }) {
    const box = this.getBoundingClientRect();
    const within = (value) => Math.min(1, Math.max(0, value));
    return { x: within((clientX - box.left) / box.width), y: within((clientY - box.top) / box.height) };
  }
}

customElements.define("clip-spectrogram", ClipSpectrogram);
