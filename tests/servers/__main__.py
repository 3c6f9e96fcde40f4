"""Runs a provider by hand: `python -m tests.servers --port 9911 --instant`; Ctrl-C or SIGTERM ends it."""

import argparse
import signal
import threading

from tests.servers.gateway import KEY, Gateway, Replicate
from tests.servers.life import INSTANT, NEXT_LOOK, STEADY, Life
from tests.servers.upstream import Upstream


def main() -> None:
    asked = arguments()
    house = Replicate if asked.replicate else Gateway
    stopped = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: stopped.set())
    with Upstream(house, key=asked.key, port=asked.port, recording=False) as upstream:
        upstream.gateway.script = life(asked)
        print(environment(upstream), flush=True)
        print(f"Counts: {upstream.gateway.address}/_counts", flush=True)
        stopped.wait()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description="A provider on loopback.")
    parser.add_argument("--port", type=int, default=9911, help="of the API; the files have their own")
    parser.add_argument("--key", default=KEY, help="the key to accept")
    parser.add_argument("--replicate", action="store_true", help="Replicate's own shape, not a gateway's")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--instant", action="store_true", help="the create's own answer reads succeeded")
    pace.add_argument("--next-look", action="store_true", help="the first look reads succeeded")
    pace.add_argument("--seconds", type=float, help="how long a prediction takes, looked at or not")
    return parser.parse_args()


def life(asked: argparse.Namespace) -> Life:
    if asked.instant:
        return INSTANT
    if asked.next_look:
        return NEXT_LOOK
    return STEADY if asked.seconds is None else STEADY.over(asked.seconds)


def environment(upstream: Upstream) -> str:
    """A line for the shell. The file host is private, so Segue has to be told of it."""
    gateway = upstream.gateway
    if isinstance(gateway, Replicate):
        key, base = "REPLICATE_API_TOKEN", "SEGUE_REPLICATE_URL"
    else:
        key, base = "SEGUE_CHAINHUB_KEY", "SEGUE_CHAINHUB_URL"
    return f"{key}={gateway.key} {base}={gateway.base} SEGUE_FILE_HOSTS={upstream.files.netloc} make run"


if __name__ == "__main__":
    main()
