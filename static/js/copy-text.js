import { announce } from "./lib/announce.js";

const THANKED_FOR = 2000;

/**
 * A read-only field, and buttons that copy what is in it; where copying is not allowed, they select it. The button of
 * class copy-moment makes the link one to the moment that the page's player is at.
 */
class CopyText extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input, textarea");
    this.text = this.field.value;
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("click", (event) => this.clicked(event.target.closest("button")), { signal });
    this.field.addEventListener("focus", () => this.field.select(), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
    clearTimeout(this.thanking);
    this.forget?.();
  }

  clicked(button) {
    if (!button) return;
    this.field.value = button.matches(".copy-moment") ? this.text + moment() : this.text;
    this.copy(button);
  }

  async copy(button) {
    try {
      await navigator.clipboard.writeText(this.field.value);
      this.tell(button, "Copied");
    } catch {
      this.field.focus();
      this.tell(button, "Selected: now copy it");
    }
  }

  tell(button, words) {
    announce(words);
    clearTimeout(this.thanking);
    this.forget?.();
    const label = button.textContent;
    button.textContent = words;
    this.forget = () => (button.textContent = label);
    this.thanking = setTimeout(this.forget, THANKED_FOR);
  }
}

/** Where the player is, as the end of an address: `#t=1.28`. At its beginning there is nothing to say. */
function moment() {
  const seconds = Number(document.querySelector("clip-player").position.toFixed(2));
  return seconds > 0 ? `#t=${seconds}` : "";
}

customElements.define("copy-text", CopyText);
