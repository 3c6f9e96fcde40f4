"""What becomes of a prediction: the looks a client gets at it, one after another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

FINISHED = frozenset({"succeeded", "failed", "canceled", "aborted"})
STEPS = 38
"""Of 50 steps at a denoising of 0.75."""
BAR = 10

Output = dict[str, str]


def whole(output: Output) -> object:
    return output


@dataclass(frozen=True, slots=True)
class Look:
    """One state as the provider tells it. `output` makes what a success says of the files' addresses;
    `changes` are laid over the whole answer at the end."""

    status: str
    logs: str = ""
    error: str | None = None
    output: Callable[[Output], object] = whole
    changes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Life:
    """The first look is the create's own answer; each GET sees the next one, or, with `every`, each so many
    seconds bring it. The last one stays."""

    looks: tuple[Look, ...]
    every: float | None = None

    def at(self, gets: int, seconds: float) -> Look:
        passed = gets if self.every is None else int(seconds / self.every)
        return self.looks[min(passed, len(self.looks) - 1)]

    def over(self, seconds: float) -> "Life":
        """The same, finished so long after its creation however often it is looked at."""
        return Life(self.looks, seconds / max(1, len(self.looks) - 1))


def progress(*steps: int, total: int = STEPS) -> str:
    """Logs as tqdm writes them, a line for each of `steps`."""
    return "\n".join(_bar(step, total) for step in steps)


def _bar(step: int, total: int) -> str:
    filled = BAR * step // total
    bar = "█" * filled + " " * (BAR - filled)
    speed = f"00:0{step // 13}<00:0{(total - step) // 13}, 12.67it/s" if step else "00:00<?, ?it/s"
    return f"{100 * step // total:3d}%|{bar}| {step}/{total} [{speed}]"


STARTING = Look("starting")
AT_ONCE = Look("processing", progress(0))
HALFWAY = Look("processing", progress(0, 6, 17))
DONE = Look("succeeded", progress(0, 6, 17, 29, STEPS))
CANCELED = Look("canceled", progress(0, 6))

STEADY = Life((STARTING, AT_ONCE, HALFWAY, DONE))
INSTANT = Life((DONE,))
NEXT_LOOK = Life((STARTING, DONE))
STUCK = Life((STARTING, AT_ONCE))
"""Processing for ever."""


def failed(error: str = "CUDA out of memory (E1001)") -> Life:
    return Life((STARTING, AT_ONCE, Look("failed", progress(0), error)))


def canceled() -> Life:
    """Somebody else canceled it."""
    return Life((STARTING, AT_ONCE, CANCELED))


def aborted() -> Life:
    """Its deadline passed before it started."""
    return Life((STARTING, Look("aborted", error="Prediction deadline exceeded before it started (E6716)")))


def wandering(word: str, looks: int = 2) -> Life:
    """A status nobody has heard of, for a while; then it goes well."""
    return Life((STARTING, *[Look(word)] * looks, HALFWAY, DONE))


def succeeded(output: Callable[[Output], object] = whole, **changes: object) -> Life:
    """Success at the first look, saying `output(files)`; `changes` replace other parts of that answer."""
    return Life((STARTING, Look("succeeded", DONE.logs, output=output, changes=changes)))


def removed() -> Life:
    """Asked after too late: upstream has deleted input, output and logs."""
    return succeeded(lambda _: None, data_removed=True, input={}, logs="")
