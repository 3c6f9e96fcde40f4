"""The way in: `app` for any WSGI server; `python app.py` serves it with everything embedded."""

import gc
import os
import sys

# The band plays several clips at once, a thread each; within one, more threads would only spin.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# What is imported stays: collecting garbage meanwhile would cost a tenth of the start.
gc.disable()

from segue import cli, create_app  # noqa: E402
from segue.errors import SettingsError  # noqa: E402
from segue.server import serve  # noqa: E402

gc.freeze()
gc.enable()

try:
    app = create_app()
    if __name__ == "__main__":
        serve(app)
except SettingsError as error:
    print(f"{cli.failed()}: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
