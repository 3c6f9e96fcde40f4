import { announce } from "./lib/announce.js";

const TYPE = "audio/mpeg";

/**
 * A button that gives the clip's sound to the system's share sheet; it appears where the system takes files.
 *
 * data-audio: where the sound is, as MP3, which every messenger plays. data-file: the name it goes by. data-title,
 * data-link: the clip's own.
 */
class ShareSheet extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.label = this.button.textContent;
    this.button.hidden = !navigator.canShare?.({ files: [this.file([])] });
    this.listening = new AbortController();
    this.button.addEventListener("click", () => this.pressed(), { signal: this.listening.signal });
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  /** What was pressed for is on its way until its sheet is closed: a second press asks for no second sheet. */
  pressed() {
    this.sending ??= this.send().finally(() => (this.sending = undefined));
  }

  async send() {
    try {
      this.sound ??= await this.fetch();
      const { title, link } = this.dataset;
      await navigator.share({ files: [this.sound], title, text: `${title}\n${link}` });
      this.tell(this.label);
    } catch (error) {
      if (!this.listening.signal.aborted) this.failed(error.name);
    }
  }

  /** Systems open their sheet only soon after a press; a sound that took longer to come is there for the next one. */
  failed(name) {
    if (name === "AbortError") this.tell(this.label);
    else if (name === "NotAllowedError" && this.sound) this.tell("Ready: press once more");
    else this.tell("That did not work");
    if (this.button.textContent !== this.label) announce(this.button.textContent);
  }

  async fetch() {
    const answer = await fetch(this.dataset.audio, { signal: this.listening.signal });
    if (!answer.ok) throw new Error(`The studio answered ${answer.status}`);
    return this.file([await answer.blob()]);
  }

  file(content) {
    return new File(content, this.dataset.file, { type: TYPE });
  }

  tell(words) {
    this.button.textContent = words;
  }
}

customElements.define("share-sheet", ShareSheet);
