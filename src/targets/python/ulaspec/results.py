"""What samplers return: final actions alone, with a chain, in whatever form."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from .nested import Shape
from .target import Problem, Result

#: Names under which dicts and named tuples have the parts of a result.
_PARTS_OF_RESULT: Dict[str, str] = {
    "final": "final final_actions actions action samples sample x result",
    "chain_actions": "chain_actions chain trajectory traj history path",
    "chain_outputs": "chain_outputs outputs energies chain_energies energy energy_history",
    "chain_grad_norms": "chain_grad_norms grad_norms gradient_norms grad_norm",
}


def _result_in(returned: Any, problem: Problem, steps: int) -> Result:
    """What a sampler returned as a `Result`.

    Beside a `Result` these are read: the final actions; all points as one array or as a list, of
    which the last are the final actions; a tuple, a dict or a named tuple of such, where shapes or
    names tell the parts. Whatever is none of these is taken for the final actions.
    """
    if isinstance(returned, Result) or returned is None:
        return returned if isinstance(returned, Result) else Result(None)
    shapes = _Shapes(problem, steps)
    if isinstance(returned, dict):
        return _of_names(returned, shapes) or Result(returned)
    if hasattr(returned, "_asdict"):
        return _of_names(returned._asdict(), shapes) or Result(returned)
    if isinstance(returned, tuple):
        return _of_parts(list(returned), shapes) or Result(returned)
    points = shapes.points(returned)
    if points is None:
        return Result(returned)
    return Result(points[-1], chain_actions=list(points))


class _Shapes:
    """The shapes that tell the parts of a result."""

    def __init__(self, problem: Problem, steps: int) -> None:
        self.steps = steps
        rows: List[Shape] = [(problem.rows,), (problem.groups, problem.samples)]
        self.numbers = rows
        action = tuple(_sizes(problem.initial)[1:])
        self.actions: List[Shape] = [(*of, *action) for of in rows]

    def is_final(self, value: Any) -> bool:
        return _sizes(value) in self.actions

    def points(self, value: Any) -> Optional[List[Any]]:
        """All points of a chain, one for each step, if that is what a value is."""
        sizes = _sizes(value)
        # A batch of one group may be the one point of a chain of one step, and is the same then.
        is_batch = sizes in self.actions and self.steps > 1
        if is_batch or sizes[1:] not in self.actions:
            return None
        if sizes[0] not in (self.steps, self.steps + 1):
            return None
        return [value[k] for k in range(sizes[0])][-self.steps :]

    def is_reports(self, value: Any) -> bool:
        sizes = _sizes(value)
        return sizes[:1] == (self.steps,) and sizes[1:] in self.numbers


def _sizes(value: Any) -> Tuple[int, ...]:
    """The shape of an array, or of lists of arrays of one shape; empty for anything else."""
    if hasattr(value, "shape"):
        return tuple(-1 if size is None else int(size) for size in value.shape)
    if not isinstance(value, (list, tuple)) or not value:
        return ()
    inner = _sizes(value[0])
    return (len(value), *inner)


def _of_names(named: Dict[str, Any], shapes: _Shapes) -> Optional[Result]:
    found: Dict[str, Any] = {}
    for part, names in _PARTS_OF_RESULT.items():
        value = next((named[name] for name in names.split() if name in named), None)
        if value is not None:
            found[part] = value
    if "chain_actions" in found:
        found["chain_actions"] = shapes.points(found["chain_actions"])
    if "final" not in found and found.get("chain_actions") is not None:
        found["final"] = found["chain_actions"][-1]
    for part in ("chain_outputs", "chain_grad_norms"):
        if part in found and not shapes.is_reports(found[part]):
            del found[part]
    if "final" in found and not shapes.is_final(found["final"]):
        points = shapes.points(found["final"])
        if points is not None:
            found.update(final=points[-1], chain_actions=points)
    return Result(**found) if "final" in found else None


def _of_parts(parts: List[Any], shapes: _Shapes) -> Optional[Result]:
    found: Dict[str, Any] = {}
    for part in parts:
        if isinstance(part, dict) or hasattr(part, "_asdict"):
            more = _of_names(part if isinstance(part, dict) else part._asdict(), shapes)
            if more is not None:
                known = {name: value for name, value in _fields_of(more).items() if value is not None}
                found = {**known, **found}
            continue
        points = shapes.points(part)
        if points is not None:
            found.setdefault("chain_actions", points)
        elif shapes.is_final(part):
            found.setdefault("final", part)
        elif shapes.is_reports(part):
            name = "chain_grad_norms" if "chain_outputs" in found else "chain_outputs"
            found.setdefault(name, part)
    if "final" not in found and found.get("chain_actions"):
        found["final"] = found["chain_actions"][-1]
    return Result(**found) if "final" in found else None


def _fields_of(result: Result) -> Dict[str, Any]:
    return {
        "final": result.final,
        "chain_actions": result.chain["actions"],
        "chain_outputs": result.chain["outputs"],
        "chain_grad_norms": result.chain["gradNorms"],
    }
