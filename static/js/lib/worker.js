/** Have the worker keep the page that is shown when the studio cannot be reached; it needs https, or this machine. */
export function hireWorker() {
  // Once the page is there: nothing on it waits for the worker, and where there can be none, nothing is missing.
  addEventListener("load", () => navigator.serviceWorker?.register(document.body.dataset.worker).catch(() => {}));
}
