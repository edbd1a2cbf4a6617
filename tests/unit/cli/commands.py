"""Does a command line that a document or a hint names exist?"""

from __future__ import annotations

from collections.abc import Sequence

import click

from stardust.cli.main import stardust


def resolve(words: Sequence[str]) -> click.Command:
    """The command that the words name; words after a whole command are its arguments."""
    command: click.Command = stardust
    context = click.Context(stardust)
    for word in words:
        if not isinstance(command, click.Group):
            break
        found = command.get_command(context, word)
        assert found is not None, f"there is no command {word!r} in: stardust {' '.join(words)}"
        command = found
    return command


def check_command(words: Sequence[str]) -> None:
    """Fails unless ``words`` (without ``stardust``) name a command and options that it has."""
    flags = {word.split("=")[0] for word in words if word.startswith("-") and word != "-"}
    command = resolve([word for word in words if not word.startswith("-")])
    known = {option for parameter in command.params for option in parameter.opts}
    assert flags <= known | {"--help", "-h"}, f"{flags - known} is no option of: stardust {' '.join(words)}"
