import { announce } from "./lib/announce.js";
import { nextOrPrevious } from "./lib/keys.js";
import { Loop } from "./lib/loop.js";
import { listenForLeaving, takeStage } from "./lib/stage.js";

/**
 * A shelf of clips. Each card whose link has data-audio gets a button that plays its loop in place, and stops it again;
 * one at a time. N plays the next one, P the one before. data-title is what the clip is called.
 *
 * data-sounding is on the button whose clip is heard; it is pressed from the tap on.
 */
class ClipShelf extends HTMLElement {
  connectedCallback() {
    this.loop = new Loop();
    this.links = new Map();
    for (const link of this.querySelectorAll("a[data-audio]")) {
      const button = buttonFor(link);
      this.links.set(button, link);
      link.after(button);
    }
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("click", (event) => this.tapped(event), { signal });
    document.addEventListener("keydown", (event) => this.typed(event), { signal });
    listenForLeaving(this, () => this.stop(), signal);
    window.addEventListener("pagehide", () => this.stop(), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
    this.stop();
    this.loop.close();
    for (const button of this.links.keys()) button.remove();
  }

  tapped(event) {
    const button = event.target.closest("button.shelf-play");
    if (!button) return;
    const again = button === this.pressed;
    this.stop();
    if (!again) this.play(button);
  }

  typed(event) {
    const step = nextOrPrevious(event);
    if (!step || !this.links.size) return;
    event.preventDefault();
    const buttons = [...this.links.keys()];
    const at = buttons.indexOf(this.last);
    const next = at < 0 ? (step > 0 ? 0 : buttons.length - 1) : (at + step + buttons.length) % buttons.length;
    this.stop();
    this.play(buttons[next]);
    buttons[next].focus({ preventScroll: true });
    buttons[next].scrollIntoView({ block: "nearest" });
  }

  async play(button) {
    this.pressed = this.last = button;
    button.setAttribute("aria-pressed", true);
    takeStage(this);
    try {
      await this.loop.play(this.links.get(button).dataset.audio);
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

  giveUp() {
    this.stop();
    this.tell("This clip cannot be heard at the moment. Try again.");
  }

  tell(words) {
    const note = this.querySelector(".shelf-trouble");
    if (words) announce(words);
    note.textContent = words;
    note.hidden = !words;
    if (words) note.scrollIntoView({ block: "nearest" });
  }
}

function buttonFor(link) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "shelf-play";
  button.setAttribute("aria-pressed", false);
  button.ariaLabel = `Play ${link.dataset.title}`;
  return button;
}

customElements.define("clip-shelf", ClipShelf);
