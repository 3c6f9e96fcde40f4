import { announce } from "./lib/announce.js";

/**
 * A clip's heart, given and taken back in place: what plays goes on, and ticks stay. Around a button whose form would do
 * it, and a line for what went wrong.
 */
class HeartButton extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.note = this.querySelector(".heart-trouble");
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.button.addEventListener("click", (event) => this.pressed(event), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  async pressed(event) {
    event.preventDefault();
    if (this.asking) return;
    this.asking = true;
    const on = this.button.value === "1";
    const form = new FormData(this.button.form, this.button);
    this.show(on);
    try {
      await this.send(form);
      announce(on ? "Your heart is on it." : "Your heart is off it.");
    } catch {
      this.show(!on);
      this.note.hidden = false;
    }
    this.asking = false;
  }

  show(on) {
    this.note.hidden = true;
    this.button.value = on ? 0 : 1;
    this.button.ariaPressed = on;
    this.button.querySelector(".heart-sign").textContent = on ? "♥" : "♡";
  }

  /** The studio's answer leads back to the page, which is here already; who is signed out is not led anywhere. */
  async send(form) {
    const headers = { Accept: "application/json" };
    const answer = await fetch(this.button.formAction, { method: "POST", body: form, headers, redirect: "manual" });
    if (answer.type !== "opaqueredirect") throw new Error(`The studio answered ${answer.status}`);
  }
}

customElements.define("heart-button", HeartButton);
