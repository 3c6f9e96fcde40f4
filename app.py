"""The way in: `app` for any WSGI server; `python app.py` serves it with everything embedded."""

import sys

from segue import create_app
from segue.errors import SettingsError
from segue.server import serve

if __name__ == "__main__":
    try:
        serve(create_app())
    except SettingsError as error:
        print(f"Segue did not start. {error}", file=sys.stderr)
        sys.exit(2)
else:
    app = create_app()
