import { LoopButtons } from "./lib/loop-buttons.js";

/** The seeds' pads. Each link to a seed's sound becomes a button that plays it round and round, and stops it again. */
class SeedPads extends HTMLElement {
  connectedCallback() {
    const note = this.querySelector(".pads-trouble");
    this.buttons = new LoopButtons(this, note, "This seed cannot be heard at the moment. Try again.");
    this.links = new Map();
    for (const link of this.querySelectorAll("a.pad-hear")) {
      const button = buttonFor(link);
      this.buttons.add(button, link.href);
      this.links.set(button, link);
      link.replaceWith(button);
    }
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.buttons.listen(signal);
    this.closest("form").addEventListener("change", () => this.stopHidden(), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
    this.buttons.close();
    for (const [button, link] of this.links) button.replaceWith(link);
  }

  /** What sounds can be stopped: it ends when its pad goes, for a player who does not have it. */
  stopHidden() {
    const { pressed } = this.buttons;
    if (pressed && !pressed.checkVisibility()) this.buttons.stop();
  }
}

function buttonFor(link) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = link.className;
  button.append(...link.cloneNode(true).childNodes);
  return button;
}

customElements.define("seed-pads", SeedPads);
