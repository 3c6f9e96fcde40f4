/** The spectrogram above a native audio element: shows where the sound is, takes it elsewhere, and loops it. */
class ClipPlayer extends HTMLElement {
  connectedCallback() {
    this.audio = this.querySelector("audio");
    this.picture = this.querySelector(".player-picture");
    this.head = this.querySelector(".player-head");
    this.loop = this.querySelector(".player-loop");
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.audio.addEventListener("play", () => this.follow(), { signal });
    for (const name of ["pause", "seeked", "ended", "loadedmetadata"]) {
      this.audio.addEventListener(name, () => this.draw(), { signal });
    }
    this.picture.addEventListener("click", (event) => this.seek(event), { signal });
    this.loop.addEventListener("click", () => this.toggleLoop(), { signal });
    this.draw();
  }

  disconnectedCallback() {
    this.listening.abort();
    cancelAnimationFrame(this.frame);
    this.audio.pause();
  }

  follow() {
    cancelAnimationFrame(this.frame);
    this.draw();
    if (!this.audio.paused) this.frame = requestAnimationFrame(() => this.follow());
  }

  draw() {
    const { currentTime, duration, paused } = this.audio;
    this.head.hidden = !(duration > 0) || (paused && currentTime === 0);
    this.head.style.setProperty("--at", duration > 0 ? currentTime / duration : 0);
  }

  seek(event) {
    const box = this.picture.getBoundingClientRect();
    const at = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    if (this.audio.duration > 0) this.audio.currentTime = at * this.audio.duration;
  }

  toggleLoop() {
    this.audio.loop = !this.audio.loop;
    this.loop.setAttribute("aria-pressed", this.audio.loop);
  }
}

customElements.define("clip-player", ClipPlayer);
