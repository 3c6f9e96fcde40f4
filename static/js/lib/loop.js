import { Plain } from "./plain.js";
import { fetchLoop } from "./sound.js";
import { Transport } from "./transport.js";

/** Plays one of many sounds round and round without a gap; where it cannot be decoded, as an audio element does. */
export class Loop {
  sounds = new Map();

  /** Play what is at `address` until stop(); rejects where it cannot be had. Browsers want the first to be in a tap. */
  async play(address) {
    this.stop();
    const turn = (this.turn = Symbol(address));
    const player = await this.playerOf(address);
    if (turn !== this.turn) return;
    this.player = player;
    player.seek(0);
    await player.play();
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

  async playerOf(address) {
    try {
      this.transport ??= new Transport();
      if (!this.sounds.has(address)) this.sounds.set(address, await fetchLoop(address));
      this.transport.load([this.sounds.get(address)]);
      return this.transport;
    } catch {
      return new Plain(new Audio(address));
    }
  }
}
