"""The command ``ulaspec``: runs ulaspec, which is JavaScript, with the program of PyPI's ``deno``.

Nothing is downloaded. ``ulaspec`` and ``python -m ulaspec`` are the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Dict, List, Sequence

_FOLDER = os.path.dirname(os.path.abspath(__file__))


def suite_command() -> List[str]:
    """The words that start ulaspec; its arguments follow them."""
    program = os.path.join(_FOLDER, "suite", "cli.js")
    if not os.path.exists(program):
        # A checkout, where ulaspec lies beside the adapter as TypeScript.
        program = os.path.abspath(os.path.join(_FOLDER, *[os.pardir] * 3, "cli.ts"))
        return [_deno(), "run", "-q", "-A", "--no-check", program]
    return [_deno(), "run", "-q", "-A", "--no-config", "--no-lock", program]


def suite_environment(program: str) -> Dict[str, str]:
    """The environment of ulaspec. ``program``: how the person starts it, for printed commands."""
    own = {"ULASPEC_PROGRAM": program, "DENO_NO_UPDATE_CHECK": "1", "DENO_NO_PACKAGE_JSON": "1"}
    if sys.executable:
        own["ULASPEC_ACTIVE_PYTHON"] = _active_python()
    return {**os.environ, **own}


def _active_python() -> str:
    """The Python of the active environment; the one that runs this if there is none."""
    names = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        folder = os.environ.get(variable)
        if folder and os.path.exists(os.path.join(folder, *names)):
            return os.path.join(folder, *names)
    return sys.executable


def _deno() -> str:
    named = os.environ.get("ULASPEC_DENO")
    if named:
        return named
    try:
        from deno import find_deno_bin

        return find_deno_bin()
    except (ImportError, FileNotFoundError):
        found = shutil.which("deno")
        if found is None:
            raise SystemExit(
                "Cannot run ulaspec: found no deno, wanted the package deno: pip install deno"
            ) from None
        return found


def main(arguments: Sequence[str] = ()) -> int:
    """Runs ulaspec with the words behind the program's name. Gives its exit code."""
    called = os.path.basename(sys.argv[0])
    program = "python -m ulaspec" if called == "__main__.py" else "ulaspec"
    command = [*suite_command(), *(arguments or sys.argv[1:])]
    environment = suite_environment(program)
    if os.name == "nt":
        return subprocess.call(command, env=environment)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], command, environment)


if __name__ == "__main__":
    sys.exit(main())
