import { length } from "./lib/prompt.js";

const NEAR = 60;

/** A prompt's deck. `data-limit` is how many characters the server takes; near it, the deck counts what is left. */
class PromptDeck extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    this.count = this.querySelector(".deck-count");
    this.listening = new AbortController();
    this.area.addEventListener("input", () => this.tell(), { signal: this.listening.signal });
    this.tell();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  tell() {
    const left = Number(this.dataset.limit) - length(this.area.value);
    this.count.hidden = left > NEAR;
    this.count.toggleAttribute("data-over", left < 0);
    this.count.textContent = left < 0 ? `${-left} too many` : `${left} left`;
  }
}

customElements.define("prompt-deck", PromptDeck);
