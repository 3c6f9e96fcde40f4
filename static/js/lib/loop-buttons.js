import { announce } from "./announce.js";
import { Loop } from "./loop.js";
import { listenForLeaving, takeStage } from "./stage.js";

/**
 * Buttons of an element, each of which plays a loop and stops it again; one at a time.
 *
 * A button is pressed from the tap on, and has data-sounding while its loop is heard. `note` is where the element says
 * `words` when a loop cannot be had.
 */
export class LoopButtons {
  constructor(element, note, words) {
    this.element = element;
    this.note = note;
    this.words = words;
    this.loop = new Loop();
    this.addresses = new Map();
  }

  add(button, address) {
    button.setAttribute("aria-pressed", false);
    this.addresses.set(button, address);
  }

  listen(signal) {
    this.element.addEventListener("click", (event) => this.tapped(event), { signal });
    listenForLeaving(this.element, () => this.stop(), signal);
    window.addEventListener("pagehide", () => this.stop(), { signal });
  }

  close() {
    this.stop();
    this.loop.close();
  }

  tapped(event) {
    const button = event.target.closest("button");
    if (!this.addresses.has(button)) return;
    const again = button === this.pressed;
    this.stop();
    if (!again) this.play(button);
  }

  async play(button) {
    this.pressed = this.last = button;
    button.setAttribute("aria-pressed", true);
    takeStage(this.element);
    try {
      if (await this.loop.play(this.addresses.get(button))) button.toggleAttribute("data-sounding", true);
    } catch {
      if (button === this.pressed) this.giveUp();
    }
  }

  stop() {
    this.tell("");
    this.loop.stop();
    this.pressed?.setAttribute("aria-pressed", false);
    this.pressed?.removeAttribute("data-sounding");
    this.pressed = undefined;
  }

  giveUp() {
    this.stop();
    this.tell(this.words);
  }

  tell(words) {
    if (words) announce(words);
    this.note.textContent = words;
    this.note.hidden = !words;
    if (words) this.note.scrollIntoView({ block: "nearest" });
  }
}
