// The system's own notice that a clip is done, for who has gone to another window meanwhile.

import { announce } from "./announce.js";

const ANSWERS = {
  granted: "You will be told when it is done.",
  denied: "The browser will not tell you: it keeps notices from this studio off.",
};

/** Shows the button where there is leave to ask for; a press asks for it. */
export function offerNotices(button, signal) {
  if (!("Notification" in window) || !window.isSecureContext) return;
  button.hidden = Notification.permission !== "default";
  const ask = async () => {
    const answer = await Notification.requestPermission();
    button.hidden = answer !== "default";
    // Who thought about it for long may find the clip done, and the button gone.
    if (button.isConnected && answer in ANSWERS) announce(ANSWERS[answer]);
  };
  button.addEventListener("click", ask, { signal });
}

/** Tells what became of a clip, if there is leave to and nobody looks. */
export function tell(words, body, icon) {
  if (document.hasFocus() && !document.hidden) return;
  if (window.Notification?.permission !== "granted") return;
  try {
    const notice = new Notification(words, { body, icon, tag: location.pathname });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
  } catch {
    // On a phone only a service worker may, and the page's title has to do.
  }
}
