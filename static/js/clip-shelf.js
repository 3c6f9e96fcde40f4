import { nextOrPrevious } from "./lib/keys.js";
import { LoopButtons } from "./lib/loop-buttons.js";

/**
 * A shelf of clips. Each card whose link has data-audio gets a button that plays its loop in place, and stops it again;
 * one at a time. N plays the next one, P the one before. data-title is what the clip is called.
 */
class ClipShelf extends HTMLElement {
  connectedCallback() {
    const note = this.querySelector(".shelf-trouble");
    this.buttons = new LoopButtons(this, note, "This clip cannot be heard at the moment. Try again.");
    for (const link of this.querySelectorAll("a[data-audio]")) {
      const button = buttonFor(link);
      this.buttons.add(button, link.dataset.audio);
      link.after(button);
    }
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.buttons.listen(signal);
    document.addEventListener("keydown", (event) => this.typed(event), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
    this.buttons.close();
    for (const button of this.buttons.addresses.keys()) button.remove();
  }

  typed(event) {
    const step = nextOrPrevious(event);
    const buttons = [...this.buttons.addresses.keys()];
    if (!step || !buttons.length) return;
    event.preventDefault();
    const at = buttons.indexOf(this.buttons.last);
    const next = at < 0 ? (step > 0 ? 0 : buttons.length - 1) : (at + step + buttons.length) % buttons.length;
    this.buttons.stop();
    this.buttons.play(buttons[next]);
    buttons[next].focus({ preventScroll: true });
    buttons[next].scrollIntoView({ block: "nearest" });
  }
}

function buttonFor(link) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "shelf-play";
  button.ariaLabel = `Play ${link.dataset.title}`;
  return button;
}

customElements.define("clip-shelf", ClipShelf);
