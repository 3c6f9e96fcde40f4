import { Plain } from "./plain.js";
import { fetchLoop } from "./sound.js";
import { Transport } from "./transport.js";

/** Plays one of many sounds round and round without a gap; where it cannot be decoded, as an audio element does. */
export class Loop {
  sounds = new Map();

  /**
   * Play what is at `address` until stop(). Answers whether it plays: another wish may have come meanwhile. Rejects where
   * it cannot be had. Browsers want the first to be in a tap.
   */
  async play(address) {
    this.stop();
    const turn = (this.turn = Symbol(address));
    const sound = await this.decoded(address);
    // A sound that comes late is kept for another tap: by now the transport may be playing what was asked for after it.
    if (turn !== this.turn) return false;
    this.player = sound ? this.transport : new Plain(new Audio(address));
    if (sound) this.transport.load([sound]);
    this.player.seek(0);
    await this.player.play();
    return turn === this.turn;
  }

  stop() {
    this.turn = undefined;
    this.player?.pause();
    this.transport?.pause();
  }

  /** Stop, and let go of the loudspeaker for good. */
  close() {
    this.stop();
    this.transport?.close();
  }

  /** The sound as a loop, or nothing where it cannot be decoded. */
  async decoded(address) {
    try {
      this.transport ??= new Transport();
      if (!this.sounds.has(address)) this.sounds.set(address, await fetchLoop(address));
      return this.sounds.get(address);
    } catch {
      return undefined;
    }
  }
}
