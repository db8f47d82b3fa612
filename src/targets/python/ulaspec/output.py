"""Standard output, which belongs to ulaspec."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from typing import Optional


class _Output:
    """Standard output: ulaspec's alone, in a process that ulaspec has started.

    There it is taken at import, so that nothing that a target prints gets among the answers. In any
    other process it is left alone until `serve`.
    """

    #: Set by ulaspec, another value for each target that it starts.
    MARK = "ULASPEC_CHILD"
    #: Set to the same value once the output is taken: a process that a target starts leaves it.
    TAKEN = "ULASPEC_OUTPUT_TAKEN"

    def __init__(self) -> None:
        self.answers: Optional[int] = None
        self.served = False
        mark = os.environ.get(self.MARK)
        if mark and os.environ.get(self.TAKEN) != mark:
            os.environ[self.TAKEN] = mark
            with contextlib.suppress(OSError):
                self.take()
            self.process = os.getpid()
            atexit.register(self.at_exit)

    def take(self) -> int:
        """The descriptor of the answers. Whatever is printed from now on goes to standard error."""
        if self.answers is None:
            self.answers = os.dup(1)
            os.dup2(2, 1)
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                # What a target that hangs has printed is to be seen, too.
                sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        return self.answers

    def at_exit(self) -> None:
        """Names the one reason for an early end that Python itself says nothing about."""
        raised = getattr(sys, "last_type", None) is not None
        if not (self.served or raised) and os.getpid() == self.process:
            print(
                "This script ended without a target: wanted Target = ulaspec.target(sampler), or a "
                "class of ulaspec.Target",
                file=sys.stderr,
            )


_output = _Output()
