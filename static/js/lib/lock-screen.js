/** Tell the system what plays, so that its keys and lock screen work: `acts` are play, pause and seek. */
export function showOnLockScreen({ title, picture }, { play, pause, seek }) {
  const { mediaSession } = navigator;
  if (!mediaSession) return;
  mediaSession.metadata = new MediaMetadata({ title, artist: "Segue", artwork: [{ src: picture, sizes: "512x512" }] });
  mediaSession.setActionHandler("play", play);
  mediaSession.setActionHandler("pause", pause);
  mediaSession.setActionHandler("seekto", ({ seekTime }) => seek(seekTime));
}

export function tellLockScreen({ playing, position, duration, rate }) {
  const { mediaSession } = navigator;
  if (!mediaSession) return;
  mediaSession.playbackState = playing ? "playing" : "paused";
  if (duration > 0) mediaSession.setPositionState?.({ duration, position: Math.min(position, duration), playbackRate: rate });
}

export function leaveLockScreen() {
  const { mediaSession } = navigator;
  if (!mediaSession) return;
  mediaSession.metadata = null;
  mediaSession.playbackState = "none";
  for (const act of ["play", "pause", "seekto"]) mediaSession.setActionHandler(act, null);
}
