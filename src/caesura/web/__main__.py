"""The web process: `python -m caesura.web [--database URL] --http HOST:PORT`.

Without --database it takes CAESURA_DATABASE_URL, where a password is not seen by other users.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from caesura import logs
from caesura.errors import Invalid
from caesura.settings import Address, database_url
from caesura.web.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m caesura.web", description=__doc__)
    parser.add_argument("--database", help="postgresql://…; default: CAESURA_DATABASE_URL")
    parser.add_argument("--http", default="127.0.0.1:8080", help="HOST:PORT to listen on")
    parser.add_argument("--spool", type=Path, help="directory for uploads while they are read")
    arguments = parser.parse_args()
    try:
        url = arguments.database or database_url()
        if not url:
            raise Invalid("Name the database: --database or CAESURA_DATABASE_URL.")
        address = Address.parse(arguments.http, "--http")
    except Invalid as problem:
        sys.exit(problem.message)
    logs.configure("web")
    serve(url, address, arguments.spool)


if __name__ == "__main__":
    main()
