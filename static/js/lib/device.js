// What this device remembers, and tells nobody. Where nothing may be kept, as in some private windows, it remembers nothing.

const KEY = "segue.";

/** What was kept under that name, or null. */
export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(KEY + name));
  } catch {
    return null;
  }
}

/** Keep something that JSON can say. */
export function keep(name, value) {
  try {
    localStorage.setItem(KEY + name, JSON.stringify(value));
  } catch {
    // Then it is not kept: nothing here depends on it.
  }
}
