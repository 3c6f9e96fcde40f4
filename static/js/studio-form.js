import { announce } from "./lib/announce.js";
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
    document.addEventListener("keydown", (event) => this.pressed(event), { signal });
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
      // Whoever types has not said it all yet; what the studio itself puts in has its colour at once.
      if (event instanceof InputEvent) this.typing = setTimeout(() => this.colourWords(), TYPING_PAUSE);
      else this.colourWords();
    }
    this.followFields();
  }

  /** Ctrl+Enter blends from anywhere on the page, but for links, other forms, and behind a dialog. */
  pressed(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || document.querySelector(":modal")) return;
    const within = event.target.closest("a, form");
    if (within && within !== this.form) return;
    event.preventDefault();
    this.form.requestSubmit();
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
    const { alpha, prompt_b: promptB } = this.form.elements;
    colour(document.documentElement, { alpha: tidy(promptB.value) ? alpha.value : 0 });
    const player = this.form.querySelector("[name=provider]:checked");
    if (player) this.followPlayer(player);
  }

  /** Offer what the chosen player has: data-players names those a part of the form is for. */
  followPlayer(player) {
    for (const part of this.form.querySelectorAll("[data-players]")) {
      const theirs = part.dataset.players.split(" ").includes(player.value);
      for (const input of part.querySelectorAll("input")) input.disabled = !theirs;
      part.hidden = !theirs && !part.querySelector("[aria-invalid]");
    }
    this.followSeeds(title(player));
  }

  /** A chosen seed that the player does not have gives way to one that it has, and comes back with one who has it. */
  followSeeds(playerTitle) {
    const pads = [...this.form.querySelectorAll("[name=seed_image_id]")];
    const chosen = pads.find((pad) => pad.checked);
    if (!chosen) return;
    if (chosen !== this.standIn) this.wished = chosen;
    const there = pads.filter((pad) => !pad.disabled);
    const usual = there.find((pad) => pad.value === this.querySelector(".seeds").dataset.default);
    const seed = there.includes(this.wished) ? this.wished : (usual ?? there[0]);
    if (!seed) return;
    seed.checked = true;
    this.standIn = seed === this.wished ? undefined : seed;
    this.tell(this.standIn ? `${playerTitle} does not have ${title(this.wished)}, so ${title(seed)} is chosen.` : "");
  }

  tell(words) {
    const note = this.querySelector(".seeds-note");
    if (words && words !== note.textContent) announce(words);
    note.textContent = words;
    note.hidden = !words;
  }

  colourWords() {
    const { prompt_a: promptA, prompt_b: promptB } = this.form.elements;
    colour(document.documentElement, { hueA: hue(promptA.value), hueB: hue(promptB.value) });
  }
}

/** What the label around a radio button calls it. */
function title(radio) {
  return radio.closest("label").textContent.trim();
}

customElements.define("studio-form", StudioForm);
