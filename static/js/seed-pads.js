import { announce } from "./lib/announce.js";
import { Loop } from "./lib/loop.js";
import { listenForLeaving, takeStage } from "./lib/stage.js";

/**
 * The seeds' pads. Each link to a seed's sound becomes a button that plays it round and round, and stops it again.
 *
 * data-sounding is on the button whose seed is heard; it is pressed from the tap on.
 */
class SeedPads extends HTMLElement {
  connectedCallback() {
    this.loop = new Loop();
    this.links = new Map();
    for (const link of this.querySelectorAll("a.pad-hear")) {
      const button = buttonFor(link);
      this.links.set(button, link);
      link.replaceWith(button);
    }
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("click", (event) => this.tapped(event), { signal });
    this.closest("form").addEventListener("change", () => this.stopHidden(), { signal });
    listenForLeaving(this, () => this.stop(), signal);
    window.addEventListener("pagehide", () => this.stop(), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
    this.stop();
    this.loop.close();
    for (const [button, link] of this.links) button.replaceWith(link);
  }

  tapped(event) {
    const button = event.target.closest("button.pad-hear");
    if (!button) return;
    const again = button === this.pressed;
    this.stop();
    if (!again) this.play(button);
  }

  async play(button) {
    this.pressed = button;
    button.setAttribute("aria-pressed", true);
    takeStage(this);
    try {
      await this.loop.play(this.links.get(button).href);
      button.toggleAttribute("data-sounding", button === this.pressed);
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

  /** What sounds can be stopped: it ends when its pad goes, for a player who does not have it. */
  stopHidden() {
    if (this.pressed && !this.pressed.checkVisibility()) this.stop();
  }

  giveUp() {
    this.stop();
    this.tell("This seed cannot be heard at the moment. Try again.");
  }

  tell(words) {
    const note = this.querySelector(".pads-trouble");
    if (words) announce(words);
    note.textContent = words;
    note.hidden = !words;
    if (words) note.scrollIntoView({ block: "nearest" });
  }
}

function buttonFor(link) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = link.className;
  button.setAttribute("aria-pressed", false);
  button.append(...link.cloneNode(true).childNodes);
  return button;
}

customElements.define("seed-pads", SeedPads);
