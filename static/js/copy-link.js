import { announce } from "./lib/announce.js";

const THANKED_FOR = 2000;

/** A link in a read-only field, and a button that copies it; where copying is not allowed, it selects the link. */
class CopyLink extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input");
    this.button = this.querySelector("button");
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.button.addEventListener("click", () => this.copy(), { signal });
    this.field.addEventListener("focus", () => this.field.select(), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
    clearTimeout(this.thanking);
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.field.value);
      this.tell("Copied");
    } catch {
      this.field.focus();
      this.tell("Selected: now copy it");
    }
  }

  tell(words) {
    announce(words);
    this.button.textContent = words;
    clearTimeout(this.thanking);
    this.thanking = setTimeout(() => (this.button.textContent = "Copy link"), THANKED_FOR);
  }
}

customElements.define("copy-link", CopyLink);
