"""The command line of a next step, as a user can paste it."""


def user_command(name: str, *arguments: str) -> str:
    """Return the command line that runs ``bizy-assets`` with this command and these arguments."""
    return " ".join(["bizy-assets", name, *arguments])
