/**
 * The words in front of what is done with ticked cards, and a button that ticks them all, or none if all are. Says how
 * many are ticked. The boxes belong to the form around this, wherever they stand.
 */
class CardChooser extends HTMLElement {
  connectedCallback() {
    this.words = this.querySelector("p");
    this.button = this.querySelector("button");
    this.which = this.button.querySelector("span");
    this.plain = this.words.textContent;
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("change", () => this.count(), { signal });
    this.button.addEventListener("click", () => this.choose(), { signal });
    this.count();
  }

  disconnectedCallback() {
    this.listening.abort();
    this.words.textContent = this.plain;
    this.which.textContent = "all";
  }

  get boxes() {
    return [...this.closest("form").elements].filter((field) => field.type === "checkbox");
  }

  choose() {
    const { boxes } = this;
    const on = !boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = on;
    this.count();
  }

  count() {
    const { boxes } = this;
    const chosen = boxes.filter((box) => box.checked).length;
    this.words.textContent = chosen ? `${chosen} chosen:` : this.plain;
    this.which.textContent = chosen === boxes.length ? "none" : "all";
  }
}

customElements.define("card-chooser", CardChooser);
