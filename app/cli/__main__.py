"""`python -m app.cli`: the commands by themselves."""

from app.cli.commands import admin

if __name__ == "__main__":
    admin(prog_name="./patchbay admin")
