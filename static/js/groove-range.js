/** How far from the groove: a native range whose stops have names, each of which can be tapped. */
class GrooveRange extends HTMLElement {
  connectedCallback() {
    this.range = this.querySelector("input");
    this.stops = [...this.querySelectorAll("[data-value]")];
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.range.addEventListener("input", () => this.tell(), { signal });
    this.querySelector(".groove-stops").addEventListener("click", (event) => this.jump(event), { signal });
    window.addEventListener("pageshow", () => this.tell(), { signal });
    this.tell();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  jump(event) {
    const stop = event.target.closest("[data-value]");
    if (!stop) return;
    this.range.value = stop.dataset.value;
    this.range.dispatchEvent(new Event("input", { bubbles: true }));
  }

  tell() {
    const value = this.range.valueAsNumber;
    const distance = (stop) => Math.abs(Number(stop.dataset.value) - value);
    const nearest = this.stops.reduce((best, stop) => (distance(stop) < distance(best) ? stop : best));
    for (const stop of this.stops) stop.toggleAttribute("data-here", stop === nearest);
    const name = nearest.textContent;
    const words = distance(nearest) === 0 ? name : `about ${name}`;
    this.querySelector("output").textContent = `${value.toFixed(2)} · ${words}`;
    this.range.setAttribute("aria-valuetext", `${value.toFixed(2)}, ${words}`);
  }
}

customElements.define("groove-range", GrooveRange);
