"""The wire: answers one suite."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sys
import traceback
from typing import Any, Callable, Dict, Optional, Tuple

from .arrays import _Framework
from .floats import _words
from .jax_arrays import _Jax
from .nested import _shape
from .numpy_arrays import _NumPy
from .output import _output
from .replacing import _rebind
from .session import LONGEST_LINE, PROTOCOL, _Fault, _Session, _now
from .target import Problem, Result, Settings, Target, Unsupported
from .tensorflow_tensors import _TensorFlow
from .torch_tensors import _Torch

_FRAMEWORKS: Dict[str, Callable[[], _Framework]] = {
    "torch": _Torch,
    "jax": _Jax,
    "tensorflow": _TensorFlow,
    "numpy": _NumPy,
    "python": _Framework,
}


class _Server:
    """Answers one suite."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.framework: Optional[_Framework] = None
        self.prepared: Dict[int, Tuple[Any, Dict[str, Any]]] = {}
        self.warm = False
        self.stopped = False
        # Kinds of remarks that the suite has been told.
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
            settings = Settings(request["settings"], self._framework())
            handle = len(self.prepared)
            self.prepared[handle] = (self.target.prepare(settings), request["settings"])
            return {"type": "prepared", "prepared": handle}
        if kind == "sample":
            prepared, wire = self._prepared(request["prepared"])
            results = [self._sample(prepared, wire, p) for p in request["problems"]]
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
        script = os.path.splitext(os.path.basename(sys.argv[0] if sys.argv else ""))[0]
        return {
            "type": "ready",
            "protocol": PROTOCOL,
            "name": target.name or script or type(target).__name__,
            "networkReturns": target.network_returns,
            "unsupported": list(target.unsupported),
            "framework": target.framework,
            "language": "python",
            "noise": target.noise,
        }

    def _sample(self, prepared: Any, settings: Dict[str, Any], wire: Dict[str, Any]) -> Any:
        if not self.warm:
            self.warm = True
            self._warm_up(settings, wire)
        return self._run(prepared, settings, wire)

    def _warm_up(self, settings: Dict[str, Any], wire: Dict[str, Any]) -> None:
        """A first call can import and draw what no later one does: it has a sampler of its own."""
        with contextlib.suppress(Exception):
            prepared = self.target.prepare(Settings(settings, self._framework()))
            self._run(prepared, settings, wire)
        self.told.clear()

    def _run(self, prepared: Any, settings: Dict[str, Any], wire: Dict[str, Any]) -> Any:
        framework = self._framework()
        session = _Session(wire, int(settings["steps"]), self.target.network_returns)
        if self.target.noise == "own":
            session.tape = None
        problem = Problem(session, framework)
        framework.open(session)
        _now.session = session
        try:
            result = self.target.sample(prepared, problem)
            framework.close()
            if not isinstance(result, Result):
                result = Result(result)
            answer: Dict[str, Any] = {
                "final": _words(framework.lists(_given(result.final))),
                "evaluations": [
                    {"kind": kind, "points": _words(points)}
                    for kind, points in session.questions()
                ],
                "draws": session.draws,
                "served": session.served,
                "initialAfter": _words(framework.lists(problem.initial)),
            }
        except Exception as error:
            # Frameworks wrap what is raised while a graph runs.
            if session.fault is not None and error is not session.fault:
                raise session.fault from error
            raise
        finally:
            _now.session = None
        chain = {
            name: _words([_per_step(step, name) for step in framework.lists(values)])
            for name, values in result.chain.items()
            if values is not None
        }
        if chain:
            answer["chain"] = chain
        remarks = [text for kind, text in session.remarks.items() if kind not in self.told]
        self.told.update(session.remarks)
        if remarks:
            answer["remarks"] = remarks
        return answer


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
        if isinstance(cause, _Fault) or not all(own):
            if not isinstance(cause, _Fault):
                own[-1] = False
            part.stack[:] = [frame for frame, drop in zip(part.stack, own) if not drop]
        explicit = part.__cause__ is not None
        part = part.__cause__ if explicit else part.__context__
        cause = cause.__cause__ if explicit else cause.__context__
    return "".join(told.format()) if told.stack else None


def _given(final: Any) -> Any:
    if final is None:
        raise _Fault("Cannot read the result: found None, wanted the final actions")
    return final


def _per_step(step: Any, name: str) -> Any:
    """One step of a chain with its rows in one list, whether it was kept by group or not."""
    depth = len(_shape(step))
    wanted = 2 if name == "actions" else 1
    return [row for group in step for row in group] if depth == wanted + 1 else step


def serve(target: Target) -> None:
    """Speaks the protocol over standard input and output until the suite says stop.

    In a module that is imported, say by tests, it does nothing; in a script that nobody speaks to,
    it says how the script is to be run.
    """
    _output.served = True
    if isinstance(target, type) and issubclass(target, Target):
        target = target()
    if not isinstance(target, Target):
        raise TypeError(f"Cannot serve {target!r}: wanted a Target, as in ulaspec.serve(Target())")
    by_suite = _output.answers is not None
    if _now.importing or not (by_suite or _called_by_script()):
        return
    if not by_suite and (sys.stdin is None or sys.stdin.isatty()):
        _tell_how_to_run()
    _converse(target, by_suite)


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
