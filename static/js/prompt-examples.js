import { colour } from "./lib/colours.js";
import { hue } from "./lib/prompt.js";

/** Our prompts by genre, one of which may be chosen: a dialog that Escape or a tap beside it closes. */
class PromptExamples extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.chips = this.querySelector(".examples-genres");
    this.prompts = this.querySelector(".examples-prompts");
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.dialog.addEventListener("click", (event) => this.tapped(event), { signal });
    this.chips.addEventListener("change", (event) => this.show(event.target.value), { signal });
    this.prompts.addEventListener("keydown", (event) => this.pressed(event), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
    this.dialog.close("");
  }

  /** Ask for one; resolves to it, or to nothing. Who asks last gets it. `genres` names them, each with its prompts. */
  choose(title, genres) {
    this.querySelector("h2").textContent = title;
    if (genres !== this.genres) this.fill(genres);
    this.dialog.returnValue = "";
    this.dialog.showModal();
    this.chips.querySelector(":checked").focus();
    return new Promise((resolve) => {
      this.dialog.onclose = () => resolve(this.dialog.returnValue);
    });
  }

  fill(genres) {
    this.genres = genres;
    const names = Object.keys(genres);
    this.chips.append(...names.map(chip));
    this.chips.querySelector("input").checked = true;
    this.show(names[0]);
  }

  show(genre) {
    this.prompts.replaceChildren(...this.genres[genre].map(offer));
    this.prompts.scrollTop = 0;
  }

  tapped(event) {
    const button = event.target.closest("button");
    if (button?.value) this.dialog.close(button.value);
    else if (button || event.target === this.dialog) this.dialog.close("");
  }

  pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.prompts.querySelectorAll("button")];
    buttons.at((buttons.indexOf(event.target) + step) % buttons.length).focus();
  }
}

function chip(genre) {
  const label = document.createElement("label");
  const radio = Object.assign(document.createElement("input"), { type: "radio", name: "genre", value: genre });
  const name = document.createElement("span");
  label.className = "chip";
  name.textContent = genre;
  label.append(radio, name);
  return label;
}

function offer(prompt) {
  const item = document.createElement("li");
  const button = Object.assign(document.createElement("button"), { type: "button", value: prompt, textContent: prompt });
  button.className = "examples-prompt";
  colour(button, { hueA: hue(prompt) });
  item.append(button);
  return item;
}

customElements.define("prompt-examples", PromptExamples);
