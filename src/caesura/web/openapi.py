"""The OpenAPI document without a server or a database: `python -m caesura.web.openapi > FILE`.

The dashboard's types are made from it.
"""

from __future__ import annotations

import json
from typing import Any

from caesura.store.database import Database
from caesura.web.app import create_app


def document() -> dict[str, Any]:
    """The document that a server of this version serves at /openapi.json."""
    # The pool is opened when the application starts, which it does not here.
    return create_app(Database("postgresql://")).openapi()


if __name__ == "__main__":
    print(json.dumps(document(), indent=2, sort_keys=True))
