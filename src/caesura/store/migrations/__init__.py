"""The schema, step by step: `versions/` holds the steps, each as SQL.

Only `schema.py` brings this in, and only where there is something to migrate: Alembic takes long
to import.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from caesura.store.database import CONNECT_TIMEOUT_S

# Any constant that no other program's advisory locks are likely to use: "caesura" in hexadecimal.
_LOCK = 0x63616573757261


def migrate(url: str) -> None:
    """Bring the schema up to date, under a lock: several nodes may start at once."""
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S),
        poolclass=NullPool,
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
        connection.commit()
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()
