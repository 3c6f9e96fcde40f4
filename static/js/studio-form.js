import { colour } from "./lib/colours.js";
import { hue, tidy } from "./lib/prompt.js";
import { newToken } from "./lib/token.js";

const BUSY_FOR = 5000;
const TYPING_PAUSE = 350;

/** The studio: the room takes on the blend's colours, and one press of Blend is one clip. */
class StudioForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.button = this.form.querySelector("[type=submit]");
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.form.addEventListener("input", (event) => this.changed(event), { signal });
    this.form.addEventListener("submit", (event) => this.submitted(event), { signal });
    this.form.addEventListener("keydown", (event) => this.pressed(event), { signal });
    window.addEventListener("pageshow", (event) => this.shown(event), { signal });
    this.followFields();
  }

  disconnectedCallback() {
    this.listening.abort();
    clearTimeout(this.typing);
    this.rest();
  }

  changed(event) {
    if (event.target.localName === "textarea") {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.colourWords(), TYPING_PAUSE);
    }
    this.followFields();
  }

  pressed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit();
    }
  }

  submitted(event) {
    if (this.busy) {
      event.preventDefault();
      return;
    }
    this.button.dataset.busy = "";
    this.button.firstElementChild.textContent = "Blending…";
    this.busy = setTimeout(() => this.rest(), BUSY_FOR);
  }

  // Whoever comes back to the form, by Back say, means a new clip: without a new token they would meet the old one.
  shown(event) {
    const [arrival] = performance.getEntriesByType("navigation");
    if (event.persisted || arrival?.type === "back_forward") {
      this.form.elements.token.value = newToken();
    }
    this.rest();
    this.colourWords();
    this.followFields();
  }

  rest() {
    clearTimeout(this.busy);
    this.busy = undefined;
    delete this.button.dataset.busy;
    this.button.firstElementChild.textContent = "Blend";
  }

  followFields() {
    const { alpha, prompt_b: promptB, take } = this.form.elements;
    colour(document.documentElement, { alpha: tidy(promptB.value) ? alpha.value : 0 });
    if (take) {
      const repeats = !this.form.querySelector("[name=provider]") || this.form.querySelector("[data-takes]:checked");
      take.disabled = !repeats;
      take.closest(".field").hidden = !repeats && !take.hasAttribute("aria-invalid");
    }
  }

  colourWords() {
    const { prompt_a: promptA, prompt_b: promptB } = this.form.elements;
    colour(document.documentElement, { hueA: hue(promptA.value), hueB: hue(promptB.value) });
  }
}

customElements.define("studio-form", StudioForm);
