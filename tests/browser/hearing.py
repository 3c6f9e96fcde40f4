"""What a page's loudspeaker would play, to the sample."""

from __future__ import annotations

import base64

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

from tests.browser.conftest import until

Mono = npt.NDArray[np.float32]

RECORDER = """
registerProcessor('recorder', class extends AudioWorkletProcessor {
  process([[heard]]) {
    this.port.postMessage({ frame: currentFrame, heard: heard ? heard.slice() : new Float32Array(128) });
    return true;
  }
});
"""
LISTENING = (
    f"""
const recorder = URL.createObjectURL(new Blob([`{RECORDER}`], {{ type: 'text/javascript' }}));
"""
    + """
window.heard = new Map();
window.starts = [];
window.contexts = 0;
const Context = window.AudioContext;
window.AudioContext = class extends Context {
  constructor(options) {
    super(options);
    window.context = this;
    window.contexts += 1;
    this.audioWorklet.addModule(recorder).then(() => {
      const recorder = new AudioWorkletNode(this, 'recorder');
      recorder.port.onmessage = ({ data }) => heard.set(data.frame, data.heard);
      recorder.connect(this.destination);
      for (const node of this.heading) node.connect(recorder);
    });
  }
};
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
  if (to === this.context.destination) (this.context.heading ??= []).push(this);
  return connect.call(this, to, ...rest);
};
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (at, offset) {
  starts.push([at, offset]);
  return start.call(this, at, offset);
};
"""
)
FRAMES = """
window.frames = (since, gaps) => {
  const first = since * context.sampleRate;
  const all = [...heard.keys()].filter((frame) => frame >= first).sort((one, other) => one - other);
  return gaps ? all : all.slice(all.findLastIndex((frame, index) => index === 0 || frame !== all[index - 1] + 128));
};
"""
"""Those since the last gap: a busy machine may leave some out, above all while its loudspeaker wakes up."""
TAKE = """([since, gaps]) => {
  const frames = window.frames(since, gaps);
  const sound = new Float32Array(frames.at(-1) - frames[0] + 128);
  for (const frame of frames) sound.set(heard.get(frame), frame - frames[0]);
  const bytes = new Uint8Array(sound.buffer);
  let text = '';
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return [frames[0], btoa(text)];
}"""


def listen(page: Page) -> None:
    """From now on, everything the page plays is recorded. Its visitor's browser must have been told `bypass_csp`."""
    page.add_init_script(LISTENING + FRAMES)
    page.reload()


def record(page: Page, samples: int, since: float | None = None, *, gaps: bool = False) -> tuple[int, Mono]:
    """Wait until so many samples were heard; when the first one was, on the context's clock, and all of them.

    since: seconds on that clock; where nothing is said, when what plays began. They are those after the last gap, or,
    with silence in the gaps, all of them.
    """
    since = page.evaluate("starts.at(-1)[0]") if since is None else since
    until(page, f"frames({since}, {str(gaps).lower()}).length * 128 >= {samples}")
    first, sound = page.evaluate(TAKE, [since, gaps])
    return first, np.frombuffer(base64.b64decode(sound), np.float32)
