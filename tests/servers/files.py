"""Where outputs are fetched from: a second host, which must never see a provider's key."""

from tests.servers.behaviours import Behaviour, honest
from tests.servers.host import Host
from tests.servers.media import Media, made_media
from tests.servers.script import Script
from tests.servers.shapes import problem, reply
from tests.servers.wire import Answer, Exchange

TYPES = {"wav": "audio/wav", "jpg": "image/jpeg", "png": "image/png"}


class FileHost(Host):
    """Serves `/<any prediction id>/audio.wav` and `/<any prediction id>/spectrogram.png` (or `.jpg`, by its
    media), the same bytes for each id. `on_audio` and `on_spectrogram` say how it fails: see `behaviours`."""

    def __init__(self, media: Media | None = None, *, port: int = 0, recording: bool = True) -> None:
        super().__init__(port=port, recording=recording)
        self.media = media or made_media()
        self._audio: Script[Behaviour] = Script(honest)
        self._spectrogram: Script[Behaviour] = Script(honest)

    @property
    def netloc(self) -> str:
        """As `SEGUE_FILE_HOSTS` wants it."""
        return self.address.removeprefix("http://")

    def output(self, prediction_id: str) -> dict[str, str]:
        """The output of a prediction that went well."""
        folder = f"{self.address}/{prediction_id}"
        return {"audio": f"{folder}/audio.wav", "spectrogram": f"{folder}/{self.media.spectrogram_name}"}

    def on_audio(self, behaviour: Behaviour, times: int | None = None) -> None:
        """So many times, or from now on; see `Script`."""
        self._audio.add(behaviour, times)

    def on_spectrogram(self, behaviour: Behaviour, times: int | None = None) -> None:
        self._spectrogram.add(behaviour, times)

    def serve(self, exchange: Exchange) -> None:
        name = exchange.request.path.rpartition("/")[2]
        if exchange.request.method not in ("GET", "HEAD"):
            exchange.send(reply(405, problem("Files are only read here.")))
        elif name == "audio.wav":
            exchange.acts_by(lambda: file_answer(self.media.audio, name))
            self._audio.next()(exchange)
        elif name == self.media.spectrogram_name:
            exchange.acts_by(lambda: file_answer(self.media.spectrogram, name))
            self._spectrogram.next()(exchange)
        else:
            exchange.send(reply(404, problem("No such file.")))


def file_answer(body: bytes, name: str) -> Answer:
    return Answer(200, body, TYPES[name.rpartition(".")[2]])
