import { announce } from "./lib/announce.js";
import { examples, roll } from "./lib/examples.js";
import { length, tidy } from "./lib/prompt.js";

const NEAR = 60;

/**
 * A prompt's deck. `data-limit` is how many characters the server takes; near it, the deck counts what is left.
 *
 * `data-examples` is where our prompts to start from are. What somebody wrote is never lost to one of them: it can be
 * put back.
 */
class PromptDeck extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    this.count = this.querySelector(".deck-count");
    this.back = this.querySelector(".deck-back");
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.area.addEventListener("input", () => this.changed(), { signal });
    this.querySelector(".deck-open").addEventListener("click", () => this.offer(), { signal });
    this.querySelector(".deck-roll").addEventListener("click", () => this.roll(), { signal });
    this.back.addEventListener("click", () => this.putBack(), { signal });
    window.addEventListener("pageshow", () => this.tell(), { signal });
    this.tell();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  async offer() {
    const genres = await this.examples();
    if (!genres) return;
    const prompt = await document.querySelector("prompt-examples").choose(`Examples for ${this.dataset.letter}`, genres);
    if (prompt) this.put(prompt);
  }

  async roll() {
    const genres = await this.examples();
    if (!genres) return;
    const said = [...this.area.form.querySelectorAll("textarea")].map((area) => tidy(area.value));
    this.put(roll(genres, [...said, this.given]));
  }

  /** All of them; nothing where they cannot be had, or where somebody has written on instead of waiting for them. */
  async examples() {
    const { value } = this.area;
    try {
      this.sayTrouble("");
      const genres = await examples(this.dataset.examples);
      return this.area.value === value ? genres : null;
    } catch {
      this.sayTrouble("The examples cannot be had at the moment. Try again.");
      return null;
    }
  }

  /** Say something else, and keep what was said by hand. */
  put(prompt) {
    const said = tidy(this.area.value);
    const kept = said && said !== this.given ? said : this.kept;
    this.given = prompt;
    this.say(prompt);
    this.keep(kept);
    if (prompt) announce(`${this.dataset.letter}: ${prompt}`);
  }

  putBack() {
    this.say(this.kept);
    this.area.focus();
  }

  say(prompt) {
    this.area.value = prompt;
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  changed() {
    this.keep("");
    this.tell();
  }

  keep(prompt) {
    this.kept = prompt;
    this.back.hidden = !prompt;
  }

  tell() {
    const left = Number(this.dataset.limit) - length(this.area.value);
    this.count.hidden = left > NEAR;
    this.count.toggleAttribute("data-over", left < 0);
    this.count.textContent = left < 0 ? `${-left} too many` : `${left} left`;
  }

  sayTrouble(words) {
    const note = this.querySelector(".deck-trouble");
    if (words) announce(words);
    note.textContent = words;
    note.hidden = !words;
  }
}

customElements.define("prompt-deck", PromptDeck);
