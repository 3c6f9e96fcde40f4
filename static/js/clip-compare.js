import { announce } from "./lib/announce.js";
import { colour } from "./lib/colours.js";

/**
 * Two clips against each other: the page's own, and one of those it lists. The player keeps both in time and equally
 * loud; a press of its switch, or of X, hears the other one from the next beat on, and shows its picture.
 *
 * Each listed clip has a button with data-audio, data-picture, data-relation, data-title, data-share, and its colours.
 * A button is pressed from the tap on; the switch is there once its clip can be heard.
 */
class ClipCompare extends HTMLElement {
  connectedCallback() {
    this.player = document.querySelector("clip-player");
    this.picture = this.player.querySelector("img");
    this.own = { ...this.dataset, picture: this.picture.src };
    this.switch = this.player.querySelector(".compare-switch");
    this.buttons = [...this.querySelectorAll("[data-audio]")];
    for (const button of this.buttons) button.hidden = false;
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("click", (event) => this.clicked(event), { signal });
    this.switch.addEventListener("click", (event) => this.switched(event), { signal });
    this.player.addEventListener("other", () => this.turn(), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
    this.switch.hidden = true;
    for (const button of this.buttons) button.hidden = true;
  }

  clicked(event) {
    const button = event.target.closest("button");
    if (button) this.choose(button === this.wanted ? undefined : button, event.detail > 0);
  }

  switched(event) {
    const side = event.target.closest("button");
    if (!side) return;
    this.hear(Number(side.value));
    if (event.detail) this.player.takeKeys();
  }

  async choose(button, tapped) {
    if (this.chosen) this.hear(0);
    this.wanted = button;
    this.chosen = undefined;
    this.show();
    this.complain(false);
    try {
      if (!(await this.player.compare(button?.dataset.audio))) return;
    } catch {
      if (button && button === this.wanted) this.giveUp();
      return;
    }
    this.chosen = button;
    this.show();
    if (button) announce(`Comparing with ${button.dataset.title}. X switches.`);
    if (button && tapped) this.bringIntoSight(button);
  }

  giveUp() {
    this.wanted = undefined;
    this.show();
    this.complain(true);
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
    this.show();
  }

  show() {
    for (const button of this.buttons) button.ariaPressed = String(button === this.wanted);
    this.switch.hidden = !this.chosen;
    for (const side of this.switch.querySelectorAll("button")) {
      side.ariaPressed = String(Number(side.value) === (this.heard ?? 0));
    }
    if (!this.chosen) return;
    const { relation, title, share } = this.chosen.dataset;
    this.switch.querySelector(".compare-relation").textContent = relation;
    this.switch.querySelector(".compare-other").textContent = [share, title].filter(Boolean).join(" · ");
  }

  complain(failed) {
    this.querySelector(".compare-trouble").hidden = !failed;
  }

  /**
   * What a tap far below the player has changed is worth seeing; the keys are at hand there, too. Whoever has gone to a
   * field meanwhile stays there. Not everywhere has a button the focus after a tap: then the page has it.
   */
  bringIntoSight(button) {
    if (![button, document.body].includes(document.activeElement)) return;
    this.player.scrollIntoView({ block: "nearest" });
    this.player.takeKeys();
  }
}

customElements.define("clip-compare", ClipCompare);
