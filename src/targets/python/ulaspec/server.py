"""The wire: answers one run of ulaspec."""

from __future__ import annotations

import contextlib
import inspect
import itertools
import json
import os
import sys
import traceback
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from .arrays import _Framework
from .blocks import _same
from .draws import _Start
from .floats import _number, _words
from .jax_arrays import _Jax
from .nested import _nested, _shape
from .numpy_arrays import _NumPy
from .output import _output
from .replacing import _rebind
from .results import _result_in
from .session import LONGEST_LINE, PROTOCOL, _Fault, _Session, _now
from .target import Problem, Schedule, Settings, Target, Unsupported
from .tensorflow_tensors import _TensorFlow
from .torch_tensors import _Torch
from .view import _View, _observed

_FRAMEWORKS: Dict[str, Callable[[], _Framework]] = {
    "torch": _Torch,
    "jax": _Jax,
    "tensorflow": _TensorFlow,
    "numpy": _NumPy,
    "python": _Framework,
}


#: The official defaults on two axes.
_PLAIN_SETTINGS: Dict[str, Any] = {
    "bounds": {"min": [-1, -1], "max": [1, 1]},
    "steps": 3,
    "schedule": {"kind": "polynomial", "init": 0.1, "final": 1e-5, "power": 2},
    "noiseScale": 1,
    "gradClip": None,
    "deltaClip": 0.1,
    "gradNorm": "inf",
    "applyExp": False,
}
#: The smallest problem, and other settings of it.
_SMALL_SETTINGS: Dict[str, Any] = {
    **_PLAIN_SETTINGS,
    "bounds": {"min": [-1], "max": [1]},
    "steps": 2,
    "gradNorm": None,
}
_OTHER_SETTINGS: Dict[str, Any] = {
    "bounds": {"min": [-0.75], "max": [0.75]},
    "schedule": {"kind": "polynomial", "init": 0.2, "final": 0.0625, "power": 2},
    "noiseScale": 0.5,
    "deltaClip": 0.25,
}
_SMALL_PROBLEM: Dict[str, Any] = {
    "energy": {"formula": "0.5*a1^2", "expression": ["*", 0.5, ["^", "a1", 2]]},
    "groups": 1,
    "samples": 1,
    "axes": 1,
    "observations": [[]],
    "initial": [[0.5]],
    "noise": {"kind": "tape", "draws": [[[0.25]], [[-0.5]]]},
    "seed": 1,
}
#: What of them asks for an optional feature.
_FEATURES: Dict[str, Dict[str, Any]] = {
    "grad-clip": {"gradClip": 1},
    "exponential-schedule": {"schedule": {"kind": "exponential", "init": 0.1, "decay": 0.9}},
    "apply-exp": {"applyExp": True},
}


class _Server:
    """Answers one run of ulaspec."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.framework: Optional[_Framework] = None
        self.prepared: Dict[int, Tuple[Any, Dict[str, Any]]] = {}
        #: The schedules of their settings.
        self.schedules: Dict[int, Schedule] = {}
        self.warm = False
        self.stopped = False
        #: What calls of the target have shown of its ways.
        self.learned: Dict[str, Any] = {}
        #: What the target was found to lack, in words.
        self.lacking = ""
        # Kinds of remarks that ulaspec has been told.
        self.told: set = set()

    def answer(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """One answer for one request; never raises for a faulty target."""
        reply: Dict[str, Any]
        try:
            reply = self._answer(request)
        except Unsupported as error:
            reply = {"type": "unsupported", "feature": error.feature, "reason": error.reason}
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # A target that exits has failed, too.
            message = f"{type(error).__name__}: {error}".rstrip(": ")
            if isinstance(error, _Fault):
                message = str(error)
            reply = {"type": "failed", "message": message}
            trace = _trace(error)
            if trace is not None:
                reply["trace"] = trace
        return {"id": request.get("id"), **reply}

    def _answer(self, request: Dict[str, Any]) -> Dict[str, Any]:
        kind = request.get("type")
        if kind == "start":
            return self._start(request)
        if kind == "prepare":
            settings = Settings(request["settings"], self._framework(), self.target)
            handle = len(self.prepared)
            self.prepared[handle] = (self.target.prepare(settings), request["settings"])
            self.schedules[handle] = settings.schedule
            return {"type": "prepared", "prepared": handle}
        if kind == "sample":
            prepared, wire = self._prepared(request["prepared"])
            try:
                results = [self._sample(prepared, wire, p) for p in request["problems"]]
            except Exception as error:
                told = _without_rates(error, self.schedules[request["prepared"]])
                if told is None:
                    raise
                raise told from error
            return {"type": "results", "results": results}
        if kind == "release":
            handle = request["prepared"]
            if self._prepared(handle):
                self.prepared[handle] = (None, {})
            return {"type": "released"}
        if kind == "stop":
            self.stopped = True
            return {"type": "stopped"}
        raise _Fault(
            f"Cannot answer: found a request of type {kind!r}, "
            "wanted start, prepare, sample, release or stop"
        )

    def _framework(self) -> _Framework:
        if self.framework is None:
            self.framework = _FRAMEWORKS[self.target.framework]()
            self.framework.device = self.target.device
            self.framework.as_written = self.target.compiles == "unknown"
        return self.framework

    def _prepared(self, handle: Any) -> Tuple[Any, Dict[str, Any]]:
        if handle not in self.prepared or not self.prepared[handle][1]:
            raise _Fault(f"Cannot sample: found the handle {handle!r}, wanted one that is prepared")
        return self.prepared[handle]

    def _start(self, request: Dict[str, Any]) -> Dict[str, Any]:
        target = self.target
        if request.get("protocol") != PROTOCOL:
            raise _Fault(
                f"Cannot start: found protocol {request.get('protocol')!r}, wanted {PROTOCOL}"
            )
        for attribute, wanted in (
            ("framework", tuple(_FRAMEWORKS)),
            ("network_returns", ("energy", "logits")),
            ("noise", ("tape", "own")),
            ("network_output", ("rows", "columns")),
            ("bounds", ("any", "symmetric", "scalar")),
            ("compiles", ("unknown", "nothing", "shapes", "settings")),
        ):
            found = getattr(target, attribute)
            if found not in wanted:
                choice = ", ".join(repr(word) for word in wanted)
                raise _Fault(f"Cannot start: found {attribute} = {found!r}, wanted one of {choice}")
        if isinstance(target.unsupported, str):
            raise _Fault(
                f"Cannot start: found unsupported = {target.unsupported!r}, "
                "wanted a list of features"
            )
        self._framework()
        _observed(target.observation_shape)
        unsupported = [*target.unsupported, *self._lacks()]
        script = os.path.splitext(os.path.basename(sys.argv[0] if sys.argv else ""))[0]
        return {
            "type": "ready",
            "protocol": PROTOCOL,
            "name": target.name or script or type(target).__name__,
            "networkReturns": target.network_returns,
            "unsupported": unsupported,
            "framework": target.framework,
            "language": "python",
            "noise": target.noise,
            **({"bounds": "scalar"} if target.bounds == "scalar" else {}),
            **({"drawsStart": True} if target.draws_start else {}),
            **self._compiles(),
            **_declared_rule(target),
        }

    def _compiles(self) -> Dict[str, str]:
        """What the target is compiled for, again and again."""
        said = self.target.compiles
        if said != "unknown":
            return {} if said == "nothing" else {"compiles": said}
        framework = self._framework()
        if framework.compilations is None:
            return {}
        # A second call with other settings alone shows whether these are compiled for, too.
        compiled = []
        with contextlib.suppress(Exception):
            for settings in (_SMALL_SETTINGS, {**_SMALL_SETTINGS, **_OTHER_SETTINGS}):
                prepared = self.target.prepare(Settings(settings, framework, self.target))
                framework.compilations = 0
                self._run(prepared, settings, _SMALL_PROBLEM, _View(self.target, [-1.0], [1.0]))
                compiled.append(framework.compilations > 0)
        self.told.clear()
        if compiled[1:] == [True]:
            return {"compiles": "settings"}
        return {"compiles": "shapes"} if framework.always_compiles or any(compiled) else {}

    def _lacks(self) -> List[str]:
        """Optional features that the target says nothing of and cannot be prepared for."""
        said = set(self.target.unsupported)
        if not self._prepares({}):
            return []
        found = {f: self._failure(change) for f, change in _FEATURES.items() if f not in said}
        lacking = {feature: error for feature, error in found.items() if error}
        if lacking:
            reasons = "; ".join(f"{feature} ({error})" for feature, error in lacking.items())
            self.lacking = (
                f"Found a target that cannot be prepared for {reasons}: taken as lacking. Wanted it "
                f"said: unsupported = {sorted(said | set(lacking))!r}"
            )
        return sorted(lacking)

    def _prepares(self, change: Dict[str, Any]) -> bool:
        return self._failure(change) is None

    def _failure(self, change: Dict[str, Any]) -> Optional[str]:
        wire = {**_PLAIN_SETTINGS, **change}
        try:
            self.target.prepare(Settings(wire, self._framework(), self.target))
        except Unsupported as error:
            return error.reason
        except Exception as error:
            return f"{type(error).__name__}: {error}".rstrip(": ")
        return None

    def _sample(self, prepared: Any, settings: Dict[str, Any], wire: Dict[str, Any]) -> Any:
        if not self.warm:
            self.warm = True
            self._warm_up(settings, wire)
        bounds = settings["bounds"]
        low, high = ([_number(x) for x in bounds[side]] for side in ("min", "max"))
        view = _View(self.target, low, high)
        if view.middle is None or not any(view.middle):
            return self._run(prepared, settings, wire, view)
        # A box of the same width about zero changes nothing while no wall of either is reached.
        still = self._run(prepared, settings, wire, view.unmoved())
        if _reaches_wall(still, low, high, view):
            return self._run(prepared, settings, wire, view)
        return still

    def _warm_up(self, settings: Dict[str, Any], wire: Dict[str, Any]) -> None:
        """A first call can import and draw what no later one does: it has a sampler of its own."""
        with contextlib.suppress(Exception):
            prepared = self.target.prepare(Settings(settings, self._framework(), self.target))
            self._sample(prepared, settings, wire)
        self.told.clear()

    def _run(
        self, prepared: Any, settings: Dict[str, Any], wire: Dict[str, Any], view: _View
    ) -> Dict[str, Any]:
        framework = self._framework()
        session = _Session(wire, int(settings["steps"]), self.target.network_returns, view)
        session.learned = self.learned
        if self.target.draws_start:
            session.start = _Start(session.given, *view.box)
        if self.target.noise == "own":
            session.tape = None
        framework.wide = view.middle is not None
        problem = Problem(session, framework)
        before = framework.compiling
        framework.open(session)
        _now.session = session
        try:
            returned = _finished(self.target.sample(prepared, problem))
            framework.close()
            result = _result_in(returned, problem, session.steps)
            if result is not returned and "chain-actions" in self.target.unsupported:
                result.chain["actions"] = None
            questions = session.questions()
            _require_start(session, questions)
            answer: Dict[str, Any] = {
                "final": _words(_actions_of(framework.lists(_given(result.final)), view)),
                "evaluations": [
                    {"kind": kind, "points": _words(points)} for kind, points in questions
                ],
                "draws": session.draws,
                "served": session.served,
                "initialAfter": _words(self._initial_after(session, problem)),
            }
        except Exception as error:
            # Frameworks wrap what is raised while a graph runs.
            if session.fault is not None and error is not session.fault:
                raise session.fault from error
            raise
        finally:
            _now.session = None
            framework.wide = False
        if session.coarse:
            answer["coarse"] = session.coarse
        chain = {
            name: _words([_per_step(step, name, view) for step in framework.lists(values)])
            for name, values in result.chain.items()
            if values is not None
        }
        if chain:
            answer["chain"] = chain
        if framework.compiling - before > 0.01:
            answer["compiling"] = round(framework.compiling - before, 3)
        if self.target.bounds == "symmetric":
            session.remark(
                ("bounds", "symmetric"),
                "Judged on boxes about zero alone, as the target says (bounds = \"symmetric\"): every "
                "problem was moved there, so what goes wrong on other boxes is not seen",
            )
        if getattr(self.target, "_guessed", ""):
            session.remark(("guessed", ""), self.target._guessed)
        if self.lacking:
            session.remark(("lacking", ""), self.lacking)
        remarks = [text for kind, text in session.remarks.items() if kind not in self.told]
        self.told.update(session.remarks)
        if remarks:
            answer["remarks"] = remarks
        return answer


    def _initial_after(self, session: _Session, problem: Problem) -> Any:
        """The caller's actions after the call: as they were, or as they are now."""
        shape = (session.rows, session.axes)
        now = _nested(self._framework().lists(problem.initial), shape)
        if session.view.middle is None:
            return now
        return [
            before if _same(row, given) else session.view.moved_back(row)
            for row, given, before in zip(now, session.given, session.asked)
        ]


def _without_rates(error: Exception, schedule: Schedule) -> Optional[_Fault]:
    """What an error comes from, if that is what an exponential schedule lacks."""
    if schedule.kind != "exponential" or not schedule.lacked:
        return None
    if isinstance(error, (_Fault, Unsupported)):
        return None
    return _Fault(
        f"Cannot run an exponential schedule: found {type(error).__name__} ({error}) after "
        f"schedule.{schedule.lacked}, which only polynomial ones have; wanted schedule.decay, or "
        'unsupported = ["exponential-schedule"]'
    )


def _reaches_wall(
    answer: Dict[str, Any], low: Sequence[float], high: Sequence[float], view: _View
) -> bool:
    """Whether a chain comes to a wall of the box, or of the one about zero that the target has."""
    walls = [
        (max(lo, -half), min(hi, half))
        for lo, hi, half in ((lo, hi, 0.5 * (hi - lo)) for lo, hi in zip(low, high))
    ]
    points = [row for asked in answer["evaluations"] for row in asked["points"]]
    points += _nested(answer["final"], (len(answer["initialAfter"]), view.axes))
    return not all(
        lo < _number(x) < hi for row in points for x, (lo, hi) in zip(row, walls)
    )


def _require_start(session: _Session, questions: List[Tuple[str, Any]]) -> None:
    """Says so first where the sampler began at another point than the one that it was given."""
    if session.start is not None:
        raise _Fault(
            "Cannot give the sampler its start: found no uniform draw of "
            f"{session.shapes()} numbers, wanted one because of draws_start = True"
        )
    if not session.own_start or not questions:
        return
    (_, first), *_ = questions
    if not any(_same(point, given) for point in first for given in session.initial):
        raise _Fault(
            f"Cannot judge the start: found a chain that begins at a draw of {session.own_start}, "
            "wanted one that begins at problem.initial; or draws_start = True, if the sampler is "
            "to draw its own start: then that draw gives problem.initial"
        )


# The files of the adapter: a folder, or this file where all of it is in one.
_OWN = os.path.join(os.path.dirname(__file__), "") if __package__ else __file__


def _trace(error: BaseException) -> Optional[str]:
    """The trace of what a target raised, without the adapter's own frames; None if none is left.

    Where the adapter itself raised, not in words of its own, the place of that stays at the end.
    """
    told = part = traceback.TracebackException.from_exception(error)
    cause: Optional[BaseException] = error
    while part is not None and cause is not None:
        own = [frame.filename.startswith(_OWN) for frame in part.stack]
        # A fault of the adapter's own shows all of it, and a fault in words nothing.
        in_words = isinstance(cause, _Fault) or str(cause).startswith("Cannot ")
        if in_words or not all(own):
            if not in_words:
                own[-1] = False
            part.stack[:] = [frame for frame, drop in zip(part.stack, own) if not drop]
        explicit = part.__cause__ is not None
        part = part.__cause__ if explicit else part.__context__
        cause = cause.__cause__ if explicit else cause.__context__
    lines = list(told.format())
    # The message of a fault is told beside its trace.
    return "".join(lines[:-1] if isinstance(error, _Fault) else lines) if told.stack else None


def _finished(returned: Any) -> Any:
    """What a sampler returned; all that it yields, if it is a generator."""
    if inspect.isgenerator(returned):
        return list(returned)
    if inspect.isawaitable(returned) or inspect.isasyncgen(returned):
        if inspect.iscoroutine(returned):
            returned.close()
        raise _Fault(
            f"Cannot read the result: found a {type(returned).__name__}, wanted the final actions: "
            "asyncio.run gives what async code returns"
        )
    return returned


def _given(final: Any) -> Any:
    if final is None:
        raise _Fault("Cannot read the result: found None, wanted the final actions")
    return final


def _actions_of(actions: Any, view: _View) -> Any:
    """Actions of a target as ulaspec sees them: one list for each row, by group or not."""
    if view.horizon is None and view.middle is None:
        return actions
    if len(_shape(actions)) > len(view.action):
        return [_actions_of(part, view) for part in actions]
    return view.moved_back(_nested(actions, (view.axes,)))


def _per_step(step: Any, name: str, view: _View) -> Any:
    """One step of a chain with its rows in one list, whether it was kept by group or not."""
    if name == "actions":
        step = _actions_of(step, view)
    depth = len(_shape(step))
    wanted = 2 if name == "actions" else 1
    return [row for group in step for row in group] if depth == wanted + 1 else step


def serve(target: Target) -> None:
    """Speaks the protocol over standard input and output until ulaspec says stop.

    In a module that is imported, say by tests, it does nothing; in a script that nobody speaks to,
    it says how the script is to be run.
    """
    _output.served = True
    target = _instance_of(target)
    if _now.served is not None:
        _now.served.append(target)
        return
    by_suite = _output.answers is not None
    if _now.importing or not (by_suite or _called_by_script()):
        return
    if not by_suite and (sys.stdin is None or sys.stdin.isatty()):
        _tell_how_to_run()
    _converse(target, by_suite)


def _instance_of(target: Any) -> Target:
    """A target as it is, or one of a class that needs nothing to be made."""
    if isinstance(target, type) and issubclass(target, Target):
        needed = [
            p.name
            for p in inspect.signature(target).parameters.values()
            if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        ]
        if needed:
            raise TypeError(
                f"Cannot make a {target.__name__}: found __init__ with {', '.join(needed)}, wanted "
                f"defaults for all parameters, or ulaspec.serve({target.__name__}(…))"
            )
        return target()
    if not isinstance(target, Target):
        raise TypeError(f"Cannot serve {target!r}: wanted a Target, as in ulaspec.serve(Target())")
    return target


def _called_by_script() -> bool:
    return sys._getframe(2).f_globals.get("__name__") == "__main__"


def _tell_how_to_run() -> None:
    script = sys.argv[0] if sys.argv else "my_target.py"
    print(
        "This is a target of ulaspec, which does nothing by itself. To judge it:\n\n"
        f"    ulaspec check {script}\n\n"
        "In a test module for pytest: ulaspec.conformance(Target)",
        file=sys.stderr,
    )
    raise SystemExit(2)


def _converse(target: Target, by_suite: bool) -> None:
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))
    requests = os.fdopen(os.dup(0), "rb")
    first = b"" if by_suite else requests.readline()
    if not (by_suite or first):
        _tell_how_to_run()
    # From here on at the latest, whatever the target prints goes to standard error.
    answers = os.fdopen(_output.take(), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    server = _Server(target)
    _rebind()
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        for line in itertools.chain([first] if first else [], requests):
            if line.strip():
                answers.write(_line(server, line))
                answers.flush()
            if server.stopped:
                break
    # Threads of a framework must not keep the process alive, nor its own exit fail.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(0)


def _declared_rule(target: Target) -> Dict[str, str]:
    """The rule that a target means to follow; what else it calls ``rule`` is its own affair."""
    rule = target.rule
    return {"rule": rule} if isinstance(rule, str) and rule != "ibc" else {}


def _line(server: _Server, line: bytes) -> bytes:
    try:
        request = json.loads(line)
    except ValueError as error:
        reply = {"id": None, "type": "failed", "message": f"Cannot read a request: {error}"}
        return json.dumps(reply).encode() + b"\n"
    answer = server.answer(request)
    text = json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()
    if len(text) >= LONGEST_LINE:
        message = f"Cannot answer: found a line of {len(text)} bytes, wanted at most {LONGEST_LINE}"
        reply = {"id": answer["id"], "type": "failed", "message": message}
        text = json.dumps(reply).encode()
    return text + b"\n"
