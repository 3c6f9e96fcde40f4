// One thing plays at a time, whoever starts it: players take the stage, and whoever had it leaves.

const LEAVE = "segue:leave";

/** `player` starts to play: everything else on the page falls silent, native players too. */
export function takeStage(player) {
  document.dispatchEvent(new CustomEvent(LEAVE, { detail: player }));
  for (const audio of document.querySelectorAll("audio")) if (!player.contains?.(audio)) audio.pause();
}

/** Calls `leave` whenever anything but `player` starts to play. */
export function listenForLeaving(player, leave, signal) {
  document.addEventListener(LEAVE, (event) => event.detail !== player && leave(), { signal });
  document.addEventListener("play", (event) => player.contains?.(event.target) || leave(), { signal, capture: true });
}
