import { keep, recall } from "./lib/device.js";

const USED = "filter";

/** A search whose filters act as soon as they are changed. The page that comes has the focus where this one had it. */
class ShelfFilters extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.form.addEventListener("change", (event) => this.changed(event.target), { signal });
    window.addEventListener("pageshow", (event) => this.shown(event), { signal });
    this.goOn(recall(USED));
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  changed(field) {
    if (field.type === "search") return;
    keep(USED, field.name);
    this.form.requestSubmit();
  }

  // Who comes back to a page finds the filters that its clips were found by.
  shown({ persisted }) {
    if (persisted) this.form.reset();
  }

  goOn(name) {
    const field = this.form.elements[name];
    if (!field) return;
    keep(USED, null);
    const fold = field.closest("details");
    if (fold) fold.open = true;
    field.focus({ preventScroll: true });
  }
}

customElements.define("shelf-filters", ShelfFilters);
