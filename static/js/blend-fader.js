import { announce } from "./lib/announce.js";
import { fill } from "./lib/fields.js";
import { tidy } from "./lib/prompt.js";
import { short, toward } from "./lib/words.js";

const CENTRE = "0.5";

/** The crossfader around its native range: says where it is, also in figures, and steps aside while there is only A. */
class BlendFader extends HTMLElement {
  connectedCallback() {
    this.range = this.querySelector("[type=range]");
    this.exact = this.querySelector("[type=number]");
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.range.form.addEventListener("input", (event) => this.moved(event), { signal });
    this.range.addEventListener("dblclick", () => this.move(CENTRE), { signal });
    this.range.addEventListener("keydown", (event) => this.pressed(event), { signal });
    this.exact.addEventListener("blur", () => this.tellExactly(), { signal });
    this.exact.addEventListener("keydown", (event) => this.entered(event), { signal });
    this.querySelector(".fader-swap").addEventListener("click", () => this.swap(), { signal });
    window.addEventListener("pageshow", () => this.tell(), { signal });
    this.tell();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  get prompts() {
    const { prompt_a: promptA, prompt_b: promptB } = this.range.form.elements;
    return [tidy(promptA.value), tidy(promptB.value)];
  }

  moved(event) {
    if (event.target === this.exact) {
      if (this.exact.value) this.move(String(Math.min(100, Math.max(0, this.exact.valueAsNumber)) / 100));
    } else {
      this.tell();
    }
  }

  pressed(event) {
    if (event.key.toLowerCase() !== "c" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.move(CENTRE);
  }

  /** Enter in the box is the end of a number, not yet a blend. */
  entered(event) {
    if (event.key !== "Enter") return;
    this.tellExactly();
    if (!event.ctrlKey && !event.metaKey) event.preventDefault();
  }

  move(alpha) {
    fill(this.range.form, { [this.range.name]: alpha });
  }

  swap() {
    const { prompt_a: promptA, prompt_b: promptB } = this.range.form.elements;
    const alpha = (1 - this.range.valueAsNumber).toFixed(2);
    fill(this.range.form, { prompt_a: promptB.value, prompt_b: promptA.value, [this.range.name]: alpha });
    announce(`Swapped: ${this.range.getAttribute("aria-valuetext")}`);
  }

  tell() {
    const [promptA, promptB] = this.prompts;
    const words = toward(this.range.valueAsNumber, promptA, promptB);
    const [share, way, what] = words;
    const figure = Object.assign(document.createElement("strong"), { textContent: share });
    const name = Object.assign(document.createElement("bdi"), { dir: "auto", textContent: what });
    this.querySelector("output").replaceChildren(figure, ` ${way} `, name);
    this.range.setAttribute("aria-valuetext", words.filter(Boolean).join(" "));
    this.querySelector("[data-end=a]").textContent = short(promptA) || "All A";
    this.querySelector("[data-end=b]").textContent = short(promptB) || "All B";
    this.toggleAttribute("data-solo", !promptB);
    if (this.exact !== document.activeElement) this.tellExactly();
  }

  tellExactly() {
    this.exact.value = Math.round(this.range.valueAsNumber * 100);
  }
}

customElements.define("blend-fader", BlendFader);
