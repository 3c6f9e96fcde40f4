import { announce } from "./lib/announce.js";

const LEAST_PAUSE = 2000;
const PAUSE_AFTER_A_MISS = 10_000;

/**
 * What is said on a card of a clip that is in the making. Asks how it stands while somebody looks; once it is over, says so
 * on its card, whose link gets data-audio if the clip can be heard, and fires `card-over`.
 *
 * data-status-url: where to ask. data-succeeded, data-failed, data-canceled: what is said then.
 */
class CardState extends HTMLElement {
  connectedCallback() {
    this.listening = new AbortController();
    document.addEventListener("visibilitychange", () => this.lookIn(0), { signal: this.listening.signal });
    this.lookIn(LEAST_PAUSE);
  }

  disconnectedCallback() {
    this.stop();
  }

  stop() {
    this.listening.abort();
    clearTimeout(this.waiting);
  }

  lookIn(milliseconds) {
    clearTimeout(this.waiting);
    if (!document.hidden) this.waiting = setTimeout(() => this.look(), milliseconds);
  }

  async look() {
    const { signal } = this.listening;
    try {
      const answer = await fetch(this.dataset.statusUrl, { signal, cache: "no-store" });
      if (answer.status === 404) return;
      if (!answer.ok) throw new Error(`The studio answered ${answer.status}`);
      const facts = await answer.json();
      if (facts.poll_after_ms === null) this.finish(facts);
      else this.lookIn(Math.max(facts.poll_after_ms, LEAST_PAUSE));
    } catch {
      if (!signal.aborted) this.lookIn(PAUSE_AFTER_A_MISS);
    }
  }

  finish({ status, audio }) {
    this.stop();
    const card = this.closest(".sleeve");
    card.dataset.state = status;
    if (audio) this.closest("a").dataset.audio = audio;
    this.textContent = this.dataset[status];
    announce(`${card.querySelector(".sleeve-title").textContent.trim()}: ${this.textContent}`);
    this.dispatchEvent(new Event("card-over", { bubbles: true }));
  }
}

customElements.define("card-state", CardState);
