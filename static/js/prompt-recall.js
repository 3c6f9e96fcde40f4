import { announce } from "./lib/announce.js";
import { disuse, disuseAll, matching, used } from "./lib/used.js";

/**
 * The prompts used on this device, offered under a prompt's field to whoever types the beginning of one.
 *
 * The focus stays in the field; the arrows go through the list, Enter takes one, Delete forgets it, Escape closes. A
 * textarea may not be called a combobox, so it stays a text field that controls a list, and the list is announced.
 */
class PromptRecall extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    this.drawer = this.querySelector(".recall-drawer");
    this.list = this.querySelector("[role=listbox]");
    this.area.setAttribute("aria-autocomplete", "list");
    this.area.setAttribute("aria-haspopup", "listbox");
    this.area.setAttribute("aria-controls", this.list.id);
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.area.addEventListener("input", (event) => this.typed(event), { signal });
    this.area.addEventListener("keydown", (event) => this.pressed(event), { signal });
    this.addEventListener("focusout", (event) => this.left(event), { signal });
    this.addEventListener("keydown", (event) => this.escaped(event), { signal });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault(), { signal });
    this.list.addEventListener("click", (event) => this.tapped(event), { signal });
    this.querySelector(".recall-forget-all").addEventListener("click", () => this.forgetAll(), { signal });
  }

  disconnectedCallback() {
    this.listening.abort();
    this.close();
    for (const name of ["autocomplete", "haspopup", "controls"]) this.area.removeAttribute(`aria-${name}`);
  }

  get open() {
    return !this.drawer.hidden;
  }

  get active() {
    return this.list.querySelector("[aria-selected=true]");
  }

  // What is put into the field by the studio itself is no InputEvent, and nobody needs help with it.
  typed(event) {
    const { value, selectionEnd } = this.area;
    const writing = event instanceof InputEvent && value.trim() && selectionEnd === value.length;
    this.offer(writing ? matching(used(), value) : []);
  }

  pressed(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const does = {
      ArrowDown: () => (this.open ? this.step(1) : !this.area.value && this.offer(used())),
      ArrowUp: () => this.open && this.step(-1),
      Enter: () => this.active && this.take(this.active),
      Delete: () => this.active && this.forget(this.active),
      // Whoever has not gone into the list means the next field, not the list.
      Tab: () => !this.active && this.close(),
    }[event.key];
    if (does?.()) event.preventDefault();
  }

  escaped(event) {
    if (event.key !== "Escape" || !this.open) return;
    event.preventDefault();
    this.area.focus();
    this.close();
  }

  left(event) {
    if (!this.contains(event.relatedTarget)) this.close();
  }

  tapped(event) {
    const option = event.target.closest("[role=option]");
    if (event.target.closest(".recall-forget")) this.forget(option);
    else if (option) this.take(option);
  }

  offer(prompts) {
    if (!prompts.length) return this.close();
    const news = !this.open;
    this.list.replaceChildren(...prompts.map((prompt, place) => option(prompt, `${this.list.id}-${place}`)));
    this.area.removeAttribute("aria-activedescendant");
    this.drawer.hidden = false;
    if (news) announce(`${prompts.length} used before. Arrow down to choose.`);
    return true;
  }

  /** Go on to the next option, or back; beyond the ends is the field itself. */
  step(by) {
    const options = [...this.list.children];
    const place = options.indexOf(this.active);
    const next = place < 0 && by < 0 ? options.length - 1 : place + by;
    this.activate(options[next]);
    return true;
  }

  activate(option) {
    this.active?.setAttribute("aria-selected", false);
    option?.setAttribute("aria-selected", true);
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.area.setAttribute("aria-activedescendant", option.id);
    else this.area.removeAttribute("aria-activedescendant");
  }

  take(option) {
    this.close();
    this.area.value = option.dataset.prompt;
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  }

  forget(option) {
    disuse(option.dataset.prompt);
    announce(`Forgotten: ${option.dataset.prompt}`);
    this.activate(option.nextElementSibling ?? option.previousElementSibling);
    option.remove();
    if (!this.list.children.length) this.close();
    return true;
  }

  forgetAll() {
    disuseAll();
    announce("All forgotten.");
    this.area.focus();
    this.close();
  }

  close() {
    this.drawer.hidden = true;
    this.list.replaceChildren();
    this.area.removeAttribute("aria-activedescendant");
  }
}

function option(prompt, id) {
  const item = Object.assign(document.createElement("li"), { id, role: "option" });
  const words = Object.assign(document.createElement("bdi"), { dir: "auto", textContent: prompt });
  const forget = Object.assign(document.createElement("span"), { className: "recall-forget", title: "Forget it" });
  item.setAttribute("aria-selected", false);
  item.dataset.prompt = prompt;
  // For a pointer only: an option holds no buttons. Delete does the same.
  forget.setAttribute("aria-hidden", true);
  item.append(words, forget);
  return item;
}

customElements.define("prompt-recall", PromptRecall);
