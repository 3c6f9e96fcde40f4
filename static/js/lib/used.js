import { keep, recall } from "./device.js";
import { tidy } from "./prompt.js";

const NAME = "prompts";
const MOST = 50;

/** The prompts used on this device, newest first. */
export function used() {
  const prompts = recall(NAME);
  return Array.isArray(prompts) ? prompts.filter((prompt) => typeof prompt === "string") : [];
}

/** Remember these as the newest. */
export function use(prompts) {
  const tidied = prompts.map(tidy).filter(Boolean);
  keep(NAME, [...new Set([...tidied, ...used()])].slice(0, MOST));
}

/** Forget one of them. */
export function disuse(prompt) {
  keep(NAME, used().filter((other) => other !== prompt));
}

/** Forget all of them. */
export function disuseAll() {
  keep(NAME, []);
}

/** Those that may be meant by what was typed so far: each word of it begins one of theirs. */
export function matching(prompts, typed) {
  const words = plain(typed).split(" ");
  const begins = (prompt) => words.every((word) => ` ${plain(prompt)}`.includes(` ${word}`));
  return prompts.filter((prompt) => prompt !== tidy(typed) && begins(prompt));
}

/** Its letters and digits, without case and accents. */
function plain(text) {
  const bare = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return bare.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
