"""`python -m caesura.cli`: the command `caesura`, where it is not installed by its name."""

from caesura.cli.main import app

if __name__ == "__main__":
    app()
