import { lettersAreOn, meaning, switchLetters } from "./lib/keys.js";
import { leaveLockScreen, showOnLockScreen, tellLockScreen } from "./lib/lock-screen.js";
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
    this.sounds = new Map();
    this.listening = new AbortController();
    this.listen();
    this.querySelector(".player-deck").hidden = false;
    this.querySelector(".player-plain").open = false;
    this.querySelector(".player-letters").checked = lettersAreOn();
    this.seek(moment() ?? 0);
    this.fetchInTime();
  }

  disconnectedCallback() {
    this.listening.abort();
    cancelAnimationFrame(this.frame);
    if (this.transport) leaveLockScreen();
    this.transport?.close();
    this.transport = this.opening = undefined;
    this.wanted = false;
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
    this.wanted = true;
    const transport = await this.open();
    if (!transport) return;
    // Taken back meanwhile: the loudspeaker that the tap has opened is let go of.
    if (!this.wanted && !this.playing) transport.pause();
    if (!this.wanted) return;
    this.wanted = false;
    if (transport instanceof Transport) this.audio.pause();
    try {
      await transport.play();
      this.complain("");
    } catch {
      this.complain("This clip cannot be played at the moment. Try again.");
    }
  }

  pause() {
    this.wanted = false;
    this.transport?.pause();
  }

  toggle() {
    if (this.playing || this.wanted) this.pause();
    else this.play();
  }

  seek(seconds) {
    this.place = Math.min(Math.max(0, seconds), this.duration);
    this.transport?.seek(this.place);
    this.show();
    this.spectrogram.say();
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

  /**
   * Another clip beside this one, equally loud and in phase: hear(1) is it, hear(0) is this. Without one: alone again.
   * Answers whether it is: another call may have come meanwhile. Rejects where the sound cannot be had.
   */
  async compare(address) {
    const turn = (this.turn = Symbol(address));
    const addresses = address ? [this.audio.src, address] : [this.audio.src];
    const loops = await Promise.all(addresses.map((one) => this.loop(one)));
    const levels = await levelled(loops);
    if (turn !== this.turn) return false;
    this.beside = [loops, levels];
    if (this.transport instanceof Transport) this.transport.load(loops, levels);
    else this.transport?.pause();
    return true;
  }

  hear(index) {
    this.heard = index;
    this.transport?.hear(index);
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
    on(".player-deck", "click", ({ detail, target }) => detail && target.closest("button") && this.takeKeys());
    on(".player-letters", "change", (event) => switchLetters(event.target.checked));
    on("clip-spectrogram", "seek", (event) => this.seek(event.detail));
    const keys = this.hasAttribute("data-keys") ? document : this;
    keys.addEventListener("keydown", (event) => this.pressed(event), { signal });
    window.addEventListener("hashchange", () => moment() === undefined || this.seek(moment()), { signal });
    window.addEventListener("pagehide", () => this.pause(), { signal });
    this.audio.addEventListener("play", () => this.transport instanceof Plain || this.pause(), { signal });
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

  /** What it plays by. Made once, in the tap that first wants it, as browsers demand; its sound may come later. */
  open() {
    this.opening ??= this.openTransport().catch((error) => this.openPlain(error));
    return this.opening;
  }

  async openTransport() {
    const transport = new Transport();
    this.toggleAttribute("data-loading", true);
    try {
      const [loops, levels] = this.beside ?? [[await this.loop(this.audio.src)]];
      this.listening.signal.throwIfAborted();
      transport.load(loops, levels);
    } catch (error) {
      transport.close();
      throw error;
    } finally {
      this.toggleAttribute("data-loading", false);
    }
    this.use(transport);
    transport.hear(this.heard ?? 0);
    return transport;
  }

  /** What cannot be decoded, the browser's own player may still play. What only did not come is tried for again. */
  openPlain({ name }) {
    if (this.listening.signal.aborted) return undefined;
    if (name !== "EncodingError") this.opening = undefined;
    this.querySelector(".player-plain").open = true;
    return this.use(new Plain(this.audio));
  }

  use(transport) {
    this.place = this.position;
    this.transport?.close();
    this.transport = transport;
    transport.addEventListener("change", () => this.changed());
    transport.setLooping(this.looping);
    transport.setRate(this.rate);
    transport.seek(this.place);
    this.setGain();
    const { title } = this.dataset;
    const acts = { play: () => this.play(), pause: () => this.pause(), seek: (seconds) => this.seek(seconds) };
    showOnLockScreen({ title, picture: this.querySelector("img").src }, acts);
    return transport;
  }

  changed() {
    const { playing, rate, duration } = this;
    this.toggleAttribute("data-playing", playing);
    const button = this.querySelector(".player-play");
    button.ariaLabel = playing ? "Pause" : "Play";
    this.spectrogram.moving = playing;
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

  complain(words) {
    this.tell(".player-trouble", words);
    this.querySelector(".player-trouble").hidden = !words;
  }

  press(part, pressed) {
    this.querySelector(part).ariaPressed = String(Boolean(pressed));
  }

  /** The sound at `address`, fetched once for all who want it; once more only where it did not come. */
  loop(address) {
    if (!this.sounds.has(address)) {
      const coming = fetchLoop(address, this.listening.signal);
      this.sounds.set(address, coming);
      coming.catch(() => this.sounds.delete(address));
    }
    return this.sounds.get(address);
  }

  /** Its own is wanted once the page is there: over a slow line, what can be seen comes first. A tap does not wait for that. */
  fetchInTime() {
    const fetchNow = () => this.loop(this.audio.src).catch(() => {});
    if (document.readyState === "complete") fetchNow();
    else addEventListener("load", fetchNow, { once: true, signal: this.listening.signal });
  }
}

/** The moment that the page's address asks for, if it does: `#t=1.28`. */
function moment() {
  const [, seconds] = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}

customElements.define("clip-player", ClipPlayer);
