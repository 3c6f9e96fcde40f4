import { announce } from "./lib/announce.js";
import { colour } from "./lib/colours.js";

/**
 * Two clips against each other: the page's own, and one of those it lists. The player keeps both in time and equally
 * loud; a press of the switch, or of X, hears the other one from the next beat on, and shows its picture.
 *
 * Each listed clip has a button with data-audio, data-picture, data-title, data-relation, and its colours.
 */
class ClipCompare extends HTMLElement {
  connectedCallback() {
    this.player = document.querySelector("clip-player");
    this.picture = this.player.querySelector("img");
    this.own = { ...this.dataset, picture: this.picture.src };
    this.switch = this.querySelector(".compare-switch");
    this.buttons = [...this.querySelectorAll("[data-audio]")];
    for (const button of this.buttons) button.hidden = false;
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("click", (event) => this.clicked(event), { signal });
    this.player.addEventListener("other", () => this.turn(), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
    for (const button of this.buttons) button.hidden = true;
  }

  clicked(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (event.detail) this.player.takeKeys();
    if (this.switch.contains(button)) this.hear(Number(button.value));
    else if (button === this.chosen) this.choose(undefined);
    else this.choose(button);
  }

  async choose(button) {
    this.hear(0);
    this.chosen = button;
    this.press();
    try {
      await this.player.compare(button?.dataset.audio);
    } catch {
      if (this.chosen !== button || !this.isConnected) return;
      this.chosen = undefined;
      this.press();
      announce("That clip cannot be compared at the moment.");
      return;
    }
    if (button && button === this.chosen) announce(`Comparing with ${button.dataset.title}. X switches.`);
  }

  /** Hear the other of the two. */
  turn() {
    if (this.chosen) this.hear(this.heard ? 0 : 1);
  }

  hear(index) {
    this.heard = index;
    this.player.hear(index);
    const { picture, hueA, hueB, alpha } = index ? this.chosen.dataset : this.own;
    this.picture.src = picture;
    colour(this.player, { hueA, hueB, alpha });
    this.press();
  }

  press() {
    for (const button of this.buttons) button.ariaPressed = String(button === this.chosen);
    this.switch.hidden = !this.chosen;
    for (const button of this.switch.querySelectorAll("button")) {
      button.ariaPressed = String(Number(button.value) === (this.heard ?? 0));
    }
    if (this.chosen) this.querySelector(".compare-other").textContent = this.chosen.dataset.relation;
  }
}

customElements.define("clip-compare", ClipCompare);
