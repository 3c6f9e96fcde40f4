import { announce } from "./lib/announce.js";
import { colourAll } from "./lib/colours.js";
import { offerNotices, tell } from "./lib/notice.js";
import { clock } from "./lib/words.js";

const FIRST_LOOK = 200;
const PATIENCE = 10_000;
const LONGEST_PAUSE = 10_000;
const UNSEEN_PAUSE = 5_000;
const LONG = 32;
const AWAY = "The studio isn't answering. Trying again…";
const FOLLOWING = ".waiting-figures, .waiting-usual, .waiting-picture, progress, .actions";
const KEPT = [".details-acts heart-button", ".details .finer"];
const ICON = "link[rel=icon]";
const GONE = "This clip is no longer here.";

/**
 * Follows a clip until it is done, then puts the finished page's #clip in place of this one's. What somebody writes about it
 * meanwhile stays, and so does a heart.
 *
 * data-status-url, data-page-url: where to ask, and where the page is. data-status: the state the page shows.
 * data-elapsed: seconds since the clip was asked for. data-late-after: how many of them are more than usual, if that
 * is known. The words that depend on the state or on being late are all in the page; CSS shows those that apply.
 * The tab's title and icon follow too, so it goes on in a hidden tab, only slower. Nothing starts or stops to sound.
 */
class ClipProgress extends HTMLElement {
  connectedCallback() {
    this.started = performance.now() - Number(this.dataset.elapsed) * 1000;
    this.misses = 0;
    this.name = document.title;
    this.listening = new AbortController();
    offerNotices(this.querySelector("[data-notify]"), this.listening.signal);
    document.addEventListener("visibilitychange", () => this.seen(), { signal: this.listening.signal });
    this.ticking = setInterval(() => this.tick(), 1000);
    this.lookIn(FIRST_LOOK);
  }

  disconnectedCallback() {
    this.listening.abort();
    this.stop();
  }

  stop() {
    clearInterval(this.ticking);
    clearTimeout(this.waiting);
    this.over = true;
  }

  seen() {
    if (!document.hidden) this.lookIn(0);
  }

  lookIn(milliseconds) {
    clearTimeout(this.waiting);
    if (this.over || this.looking) return;
    const pause = document.hidden ? Math.max(milliseconds, UNSEEN_PAUSE) : milliseconds;
    this.waiting = setTimeout(() => this.look(), pause);
  }

  async look() {
    this.looking = true;
    let pause;
    try {
      pause = await this.ask();
      this.back();
    } catch {
      if (this.over) return;
      pause = this.missed();
    }
    this.looking = false;
    this.lookIn(pause);
  }

  /** Ask once. Answers how long to wait before the next time; throws when the studio made no sense. */
  async ask() {
    const response = await this.fetch(this.dataset.statusUrl, this.etag ? { "If-None-Match": this.etag } : {});
    if (response.status === 304) return this.pause;
    if (response.status === 404) {
      this.gone();
      return 0;
    }
    if (!response.ok) throw new Error(`The studio answered ${response.status}`);
    const facts = await response.json();
    if (facts.poll_after_ms === null) await this.finish();
    else this.show(facts);
    this.etag = response.headers.get("ETag");
    this.pause = facts.poll_after_ms;
    return this.pause;
  }

  show({ status, message, progress }) {
    const heading = this.querySelector("[data-message]");
    heading.textContent = message;
    heading.toggleAttribute("data-long", message.length > LONG);
    const percent = this.querySelector("[data-percent]");
    const bar = this.querySelector("progress");
    percent.hidden = bar.hidden = progress === null;
    percent.textContent = `${progress ?? 0}%`;
    bar.value = progress ?? 0;
    this.style.setProperty("--done", (progress ?? 0) / 100);
    document.title = progress === null ? this.name : `${progress}% · ${this.name}`;
    if (status !== this.dataset.status) announce(message);
    this.dataset.status = status;
    this.note("");
  }

  async finish() {
    const response = await this.fetch(this.dataset.pageUrl, { Accept: "text/html" });
    if (!response.ok) throw new Error(`The studio answered ${response.status}`);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const old = this.closest("#clip");
    const fresh = document.adoptNode(page.getElementById("clip"));
    const focused = document.activeElement;
    const within = old.contains(focused);
    colourAll(fresh);
    this.stop();
    for (const part of KEPT) {
      const kept = old.querySelector(part);
      if (kept) fresh.querySelector(part)?.replaceWith(kept);
    }
    old.replaceWith(fresh);
    document.title = page.title;
    const icon = page.querySelector(ICON).href;
    document.querySelector(ICON).href = icon;
    if (within) (focused.isConnected ? focused : fresh).focus({ preventScroll: true });
    announce(fresh.dataset.announce);
    tell(fresh.dataset.announce, document.querySelector("h1").textContent.trim(), icon);
  }

  gone() {
    this.stop();
    this.querySelector("[data-message]").textContent = GONE;
    for (const part of this.querySelectorAll(FOLLOWING)) part.remove();
    this.note("");
    announce(GONE);
  }

  fetch(address, headers) {
    const signal = AbortSignal.any([this.listening.signal, AbortSignal.timeout(PATIENCE)]);
    return fetch(address, { headers, signal, cache: "no-store" });
  }

  missed() {
    if (this.misses === 0) {
      this.note(AWAY);
      announce(AWAY);
    }
    this.misses += 1;
    return Math.min(1000 * 2 ** (this.misses - 1), LONGEST_PAUSE);
  }

  back() {
    if (this.misses > 0 && !this.over) {
      this.note("");
      announce("The studio answers again.");
    }
    this.misses = 0;
  }

  note(words) {
    const note = this.querySelector("[data-note]");
    note.hidden = !words;
    note.textContent = words;
  }

  tick() {
    const elapsed = (performance.now() - this.started) / 1000;
    this.querySelector("[data-clock]").textContent = clock(elapsed);
    this.toggleAttribute("data-late", elapsed > Number(this.dataset.lateAfter));
  }
}

customElements.define("clip-progress", ClipProgress);
