"""Runs one problem on a target again, for scripts that reproduce a violation."""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .clause_tests import _class_of, _only_target_in
from .nested import _nested
from .server import _Server
from .session import _now
from .target import Target


class _Seen(Tuple[List[Any], Any]):
    """Points and final actions, with the rest of what was seen."""

    #: What the target reported of its steps, by name, in tables of rows.
    chain: Dict[str, Any]
    #: The caller's initial actions after the call.
    initial: Any


def rerun(
    file: str,
    settings: Dict[str, Any],
    problem: Dict[str, Any],
    arguments: Sequence[str] = (),
    name: Optional[str] = None,
) -> _Seen:
    """The points at which the target in a file took its gradients, and what it returned.

    Both are as ulaspec saw them: questions × rows × axes, and rows × axes.
    """
    server = _Server(_target_in(file, arguments, name))
    requests = (
        {"id": 0, "type": "start", "protocol": 1},
        {"id": 1, "type": "prepare", "settings": settings},
        {"id": 2, "type": "sample", "prepared": 0, "problems": [problem]},
    )
    for request in requests:
        answer = server.answer(request)
        if answer["type"] in ("failed", "unsupported"):
            raise RuntimeError(answer.get("trace") or answer.get("message") or answer["reason"])
    (result,) = answer["results"]
    shape = (len(problem["initial"]), problem["axes"])
    asked = [e["points"] for e in result["evaluations"] if e["kind"] == "gradient"]
    seen = _Seen(([_nested(points, shape) for points in asked], _nested(result["final"], shape)))
    seen.initial = _nested(result["initialAfter"], shape)
    seen.chain = {
        part: [_nested(step, shape if part == "actions" else shape[:1]) for step in steps]
        for part, steps in result.get("chain", {}).items()
    }
    return seen


def _target_in(file: str, arguments: Sequence[str], name: Optional[str]) -> Target:
    sys.path.insert(0, os.path.dirname(os.path.abspath(file)))
    if name is not None:
        return _class_of(file, os.path.splitext(os.path.basename(file))[0], name)()
    before, sys.argv[:] = list(sys.argv), [file, *arguments]
    _now.served = []
    try:
        names = runpy.run_path(file, run_name="__main__")
    finally:
        sys.argv[:], served, _now.served = before, _now.served, None
    made = served or [kind() for kind in (_only_target_in(names, file),) if kind is not None]
    if not made:
        raise RuntimeError(f"Cannot run {file}: it ended without a target")
    return made[0]
