import { lettersAreOn, meaning, switchLetters } from "./lib/keys.js";
import { showOnLockScreen, tellLockScreen } from "./lib/lock-screen.js";
import { levelled } from "./lib/loudness.js";
import { Plain } from "./lib/plain.js";
import { fetchLoop } from "./lib/sound.js";
import { listenForLeaving, takeStage } from "./lib/stage.js";
import { Transport } from "./lib/transport.js";
import { fineClock, placeInWords } from "./lib/words.js";

/**
 * A clip as an instrument. Its loop is exact to the sample, and its spectrogram is where it is played from.
 *
 * It stands around a native audio element, which stays for a phone that is switched to silent, for who prefers it, and
 * for sounds that cannot be decoded. data-length: its seconds. data-title: its name. data-keys: the page's keys are its
 * own. Properties: `position` in seconds, `playing`. compare() gives it a second clip to hear in this one's place.
 */
class ClipPlayer extends HTMLElement {
  connectedCallback() {
    this.audio = this.querySelector("audio");
    this.spectrogram = this.querySelector("clip-spectrogram");
    // In a page that was swapped in, a parent comes to life before its children.
    customElements.upgrade(this.spectrogram);
    this.duration = Number(this.dataset.length);
    this.rate = 1;
    this.looping = true;
    this.listening = new AbortController();
    this.listen();
    this.querySelector(".player-deck").hidden = false;
    this.querySelector(".player-plain").open = false;
    this.querySelector(".player-letters").checked = lettersAreOn();
    this.seek(moment());
    this.fetchInTime();
  }

  disconnectedCallback() {
    this.listening.abort();
    this.fetched = undefined;
    cancelAnimationFrame(this.frame);
    this.transport?.close();
    this.transport = undefined;
    this.audio.pause();
  }

  get playing() {
    return Boolean(this.transport?.playing);
  }

  get position() {
    return this.transport ? this.transport.position : this.place;
  }

  async play() {
    takeStage(this);
    try {
      // Browsers want it made in a tap; what it plays may come later.
      if (!this.transport) await this.openTransport();
      if (this.transport instanceof Transport) this.audio.pause();
      this.transport?.play();
    } catch {
      this.playPlainly();
    }
  }

  pause() {
    this.transport?.pause();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  seek(seconds) {
    this.place = Math.min(Math.max(0, seconds), this.duration);
    this.transport?.seek(this.place);
    this.show();
  }

  toggleLoop() {
    this.looping = !this.looping;
    this.transport?.setLooping(this.looping);
    this.press(".player-loop", this.looping);
  }

  toggleMute() {
    this.muted = !this.muted;
    this.press(".player-mute", this.muted);
    this.setGain();
  }

  setGain() {
    const gain = this.querySelector(".player-gain").valueAsNumber;
    this.transport?.setGain(this.muted ? 0 : gain ** 2);
  }

  setRate(rate) {
    this.rate = rate;
    this.transport?.setRate(rate);
  }

  toggleGrey() {
    this.press(".player-grey", this.toggleAttribute("data-grey"));
  }

  toggleHelp() {
    const help = this.querySelector(".player-keys");
    if (help.open) help.close();
    else help.showModal();
  }

  /** Another clip beside this one, equally loud and in phase: hear(1) is it, hear(0) is this. Without one: alone again. */
  async compare(address) {
    const loops = await Promise.all([this.loop, ...(address ? [this.fetch(address)] : [])]);
    const levels = await levelled(loops);
    this.beside = [loops, levels];
    this.transport?.load(loops, levels);
  }

  hear(index) {
    if (this.transport) this.transport.hear(index);
    this.heard = index;
  }

  takeKeys() {
    this.spectrogram.focus({ preventScroll: true, focusVisible: false });
  }

  listen() {
    const { signal } = this.listening;
    const on = (part, name, act) => this.querySelector(part).addEventListener(name, act, { signal });
    on(".player-play", "click", () => this.toggle());
    on(".player-loop", "click", () => this.toggleLoop());
    on(".player-mute", "click", () => this.toggleMute());
    on(".player-gain", "input", () => this.setGain());
    on(".player-rate", "change", (event) => this.setRate(Number(event.target.value)));
    on(".player-grey", "click", () => this.toggleGrey());
    on(".player-help", "click", () => this.toggleHelp());
    // After a tap the keys are at hand at once: a focused button would keep them to itself.
    on(".player-deck", "click", (event) => event.detail && this.takeKeys());
    on(".player-letters", "change", (event) => switchLetters(event.target.checked));
    on("clip-spectrogram", "seek", (event) => this.seek(event.detail));
    const keys = this.hasAttribute("data-keys") ? document : this;
    keys.addEventListener("keydown", (event) => this.pressed(event), { signal });
    window.addEventListener("hashchange", () => this.seek(moment()), { signal });
    window.addEventListener("pagehide", () => this.pause(), { signal });
    this.audio.addEventListener("play", () => this.transport instanceof Transport && this.pause(), { signal });
    listenForLeaving(this, () => this.pause(), signal);
  }

  pressed(event) {
    const asked = meaning(event, this.position, this.duration);
    if (asked === undefined) return;
    event.preventDefault();
    if (typeof asked === "number") this.seek(asked);
    else if (asked === "compare") this.dispatchEvent(new Event("other"));
    else this[asked]();
  }

  async openTransport() {
    const transport = new Transport();
    this.toggleAttribute("data-loading", true);
    try {
      const [loops, levels] = this.beside ?? [[await this.loop]];
      if (this.listening.signal.aborted) throw new DOMException("gone", "AbortError");
      transport.load(loops, levels);
    } catch (error) {
      transport.close();
      throw error;
    } finally {
      this.toggleAttribute("data-loading", false);
    }
    this.use(transport);
    transport.hear(this.heard ?? 0);
  }

  /** What cannot be decoded, or may not be fetched twice, the browser's own player may still play. */
  playPlainly() {
    if (this.listening.signal.aborted) return;
    this.querySelector(".player-plain").open = true;
    this.use(new Plain(this.audio));
    this.transport.play();
  }

  use(transport) {
    this.transport = transport;
    transport.addEventListener("change", () => this.changed());
    transport.setLooping(this.looping);
    transport.setRate(this.rate);
    transport.seek(this.place);
    this.setGain();
    const { title } = this.dataset;
    const acts = { play: () => this.play(), pause: () => this.pause(), seek: (seconds) => this.seek(seconds) };
    showOnLockScreen({ title, picture: this.querySelector("img").src }, acts);
  }

  changed() {
    const { playing, rate, duration } = this;
    this.toggleAttribute("data-playing", playing);
    const button = this.querySelector(".player-play");
    button.ariaLabel = playing ? "Pause" : "Play";
    tellLockScreen({ playing, rate, duration, position: this.position });
    this.follow();
  }

  follow() {
    cancelAnimationFrame(this.frame);
    this.show();
    if (this.playing) this.frame = requestAnimationFrame(() => this.follow());
  }

  show() {
    const { position, duration } = this;
    this.spectrogram.position = position;
    this.tell(".player-at", fineClock(position));
    this.tell(".player-place", placeInWords(position, duration));
  }

  tell(part, words) {
    const place = this.querySelector(part);
    if (place.textContent !== words) place.textContent = words;
  }

  press(part, pressed) {
    this.querySelector(part).ariaPressed = String(Boolean(pressed));
  }

  /** This clip's own sound, fetched when it is first wanted. */
  get loop() {
    this.fetched ??= this.fetch(this.audio.src);
    return this.fetched;
  }

  /** It is wanted once the page is there: over a slow line, what can be seen comes first. A tap does not wait for that. */
  fetchInTime() {
    const fetchNow = () => this.loop.catch(() => {});
    if (document.readyState === "complete") fetchNow();
    else addEventListener("load", fetchNow, { once: true, signal: this.listening.signal });
  }

  fetch(address) {
    return fetchLoop(address, this.listening.signal);
  }
}

/** The moment that the page's address asks for: `#t=1.28`. */
function moment() {
  return Number(/^#t=(\d+(?:\.\d+)?)$/.exec(location.hash)?.[1] ?? 0);
}

customElements.define("clip-player", ClipPlayer);
