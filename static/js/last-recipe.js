import { announce } from "./lib/announce.js";
import { comeBack } from "./lib/arrival.js";
import { keep, recall } from "./lib/device.js";
import { asServed, fill, served, values } from "./lib/fields.js";
import { use } from "./lib/used.js";

const PROMPTS = ["prompt_a", "prompt_b"];
const SETTINGS = ["alpha", "seed_image_id", "denoising", "num_inference_steps", "provider"];
const RECIPE = [...PROMPTS, ...SETTINGS];
const DRAFT = [...RECIPE, "take"];
const NAME = "recipe";
const PAUSE = 300;

/**
 * The last recipe used on this device comes back to a studio that nobody asked for anything (`data-untouched`), and a
 * link starts afresh. What is typed and not sent stays with this page's place in the tab's history, where a reload or
 * Back finds it, also in browsers that keep no forms.
 */
class LastRecipe extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.link = this.querySelector("a");
    this.untouched = this.hasAttribute("data-untouched");
    this.listening = new AbortController();
    const { signal } = this.listening;
    for (const change of ["input", "change"]) this.form.addEventListener(change, () => this.changed(), { signal });
    this.form.addEventListener("submit", () => this.remember(), { signal });
    this.link.addEventListener("click", (event) => this.startAfresh(event), { signal });
    window.addEventListener("pagehide", () => this.keepDraft(), { signal });
    window.addEventListener("pageshow", () => this.tell(), { signal });
    this.restore();
    this.tell();
  }

  disconnectedCallback() {
    this.listening.abort();
    clearTimeout(this.pause);
  }

  /** What the server or the browser has filled in stays as it is. */
  restore() {
    const recipe = history.state?.draft ?? (this.untouched && !comeBack() && recall(NAME));
    const left = DRAFT.filter((name) => asServed(this.form, name) && typeof recipe?.[name] === "string");
    fill(this.form, Object.fromEntries(left.map((name) => [name, recipe[name]])));
    this.unfold();
  }

  /** What is not as usual is not hidden. */
  unfold() {
    const { num_inference_steps: steps } = this.form.elements;
    if (!asServed(this.form, steps.name)) steps.closest("details").open = true;
  }

  changed() {
    this.tell();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.keepDraft(), PAUSE);
  }

  keepDraft() {
    clearTimeout(this.pause);
    history.replaceState({ ...history.state, draft: values(this.form, DRAFT) }, "");
  }

  /** What is too long will come back with the reason; it is no recipe yet. */
  remember() {
    if (this.form.querySelector("[data-over]")) return;
    const recipe = values(this.form, RECIPE);
    keep(NAME, recipe);
    use([recipe.prompt_a, recipe.prompt_b]);
  }

  startAfresh(event) {
    keep(NAME, null);
    if (!this.untouched || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fill(this.form, served(this.form, [...SETTINGS, "take"]));
    for (const deck of this.form.querySelectorAll("prompt-deck")) deck.put("");
    this.form.elements.prompt_a.focus();
    announce("Everything is as at the beginning.");
  }

  tell() {
    this.link.hidden = this.untouched && DRAFT.every((name) => asServed(this.form, name));
  }
}

customElements.define("last-recipe", LastRecipe);
