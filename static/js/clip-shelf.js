import { meaningOnShelf } from "./lib/keys.js";
import { LoopButtons } from "./lib/loop-buttons.js";

/**
 * A shelf of clips. Each card whose link has data-audio, or has it when its `card-over` comes, gets a button that plays its
 * loop in place, and stops it again; one at a time. N plays the next one, P the one before; B leads to the bar with what is done with the ticked ones.
 * data-title is what the clip is called.
 */
class ClipShelf extends HTMLElement {
  connectedCallback() {
    const note = this.querySelector(".shelf-trouble");
    this.buttons = new LoopButtons(this, note, "This clip cannot be heard at the moment. Try again.");
    for (const link of this.querySelectorAll("a[data-audio]")) this.offer(link);
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.buttons.listen(signal);
    this.addEventListener("card-over", (event) => this.offer(event.target.closest("a")), { signal });
    document.addEventListener("keydown", (event) => this.typed(event), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
    this.buttons.close();
    for (const button of this.buttons.addresses.keys()) button.remove();
  }

  offer(link) {
    if (!link.dataset.audio) return;
    const button = buttonFor(link);
    this.buttons.add(button, link.dataset.audio);
    link.after(button);
  }

  typed(event) {
    const act = meaningOnShelf(event);
    if (!act) return;
    event.preventDefault();
    this[act]();
  }

  next() {
    this.playBeside(1, 0);
  }

  previous() {
    this.playBeside(-1, -1);
  }

  leadToBar() {
    this.querySelector(".shelf-bar [type=submit]").focus();
  }

  /** Play the one so many steps from the last one; where none has been, the one at `first`. */
  playBeside(step, first) {
    const buttons = [...this.querySelectorAll(".shelf-play")];
    if (!buttons.length) return;
    const at = buttons.indexOf(this.buttons.last);
    const button = buttons.at(at < 0 ? first : (at + step) % buttons.length);
    this.buttons.stop();
    this.buttons.play(button);
    button.focus({ preventScroll: true });
    button.scrollIntoView({ block: "nearest" });
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
