"""The studio's form as a Gradio demo has it: what its weight is measured against. `python _gradio_demo.py PORT`

Run by weight.py with a Python that has Gradio; nothing else here knows it.
"""

from __future__ import annotations

import sys

import gradio  # type: ignore[import-not-found, unused-ignore]

SEEDS = ["agile", "marim", "motorway", "og_beat", "vibes"]


def blend(*_recipe: object) -> tuple[None, None]:
    return None, None


def main() -> None:
    demo = gradio.Interface(
        blend,
        [
            gradio.Textbox(label="Prompt A"),
            gradio.Textbox(label="Prompt B"),
            gradio.Slider(0, 1, 0.5, label="Crossfader"),
            gradio.Dropdown(SEEDS, value="vibes", label="Seed"),
            gradio.Slider(0, 1, 0.75, label="Denoising"),
            gradio.Slider(1, 150, 50, step=1, label="Steps"),
        ],
        [gradio.Audio(label="Clip"), gradio.Image(label="Spectrogram")],
        title="Riffusion",
    )
    demo.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)


if __name__ == "__main__":
    main()
