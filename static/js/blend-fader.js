import { tidy } from "./lib/prompt.js";
import { share } from "./lib/words.js";

/** The crossfader around its native range: tells the shares, and steps aside while there is only A. */
class BlendFader extends HTMLElement {
  connectedCallback() {
    this.range = this.querySelector("input");
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.range.form.addEventListener("input", () => this.tell(), { signal });
    window.addEventListener("pageshow", () => this.tell(), { signal });
    this.tell();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  tell() {
    const words = share(this.range.valueAsNumber);
    const solo = !tidy(this.range.form.elements.prompt_b.value);
    this.querySelector("output").textContent = words;
    this.range.setAttribute("aria-valuetext", words);
    this.querySelector(".fader-live").hidden = solo;
    this.querySelector(".fader-solo").hidden = !solo;
  }
}

customElements.define("blend-fader", BlendFader);
