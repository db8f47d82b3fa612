"""The clauses as tests of pytest: what a test module says, and how its target is found again."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import importlib.util
import inspect
import json
import os
import sys
import traceback
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Type, Union

from .output import _output
from .server import _instance_of, _trace, serve
from .session import _now
from .signature import _package_of
from .target import Target


@dataclasses.dataclass(frozen=True)
class Conformance:
    """What `conformance` asks for: one run of ulaspec, whose clauses become tests."""

    #: Shown in the ids of the tests.
    name: str
    #: The class as a word of the command line: FILE.py#NAME.
    word: str
    #: The words that start the target as a process.
    command: Sequence[str]
    #: The options of ``ulaspec check`` in words.
    options: Sequence[str]
    #: The clauses that become tests; None for all.
    clauses: Optional[Sequence[str]]
    #: Accepted deviations, clause → reason.
    accepted: Mapping[str, str]
    #: Where `conformance` was called.
    file: str
    line: int
    kind: Type[Target]


def conformance(
    target: Union[Type[Target], Target],
    *,
    profile: Optional[str] = None,
    seed: Optional[int] = None,
    clauses: Optional[Sequence[str]] = None,
    accepted: Optional[Mapping[str, str]] = None,
    timeout: Optional[float] = None,
) -> None:
    """Makes one test of pytest for each clause: call it at the top of a test module.

    The target runs in a process of its own, once for all of its tests.

    - ``target``: a class with which a sampler is plugged in, defined at the top of a module, in this
      one or in another
    - ``profile``: "quick", "standard" or "thorough"; ``seed``: of the problems; ``timeout``: seconds
      that one call may take; what is not given here is as ``pytest.ini`` says, in
      ``ulaspec_profile``, ``ulaspec_seed`` and ``ulaspec_timeout``
    - ``clauses``: ids or groups of clauses; all by default
    - ``accepted``: deviations that are meant, clause → reason. Their tests are skipped with the
      reason. What builds on them is judged by the rule with the deviation, where that is known;
      otherwise the run is incomplete unless that is accepted by name, too. So it is where an entry
      is no longer needed

    In a script that ulaspec runs (``ulaspec check test_my_sampler.py``), it serves the target.
    """
    caller = sys._getframe(1)
    if caller.f_globals.get("__name__") == "__main__" and not _now.importing:
        return serve(_instance_of(target))
    kind = target if isinstance(target, type) else type(target)
    if not issubclass(kind, Target):
        raise TypeError(f"Cannot test {target!r}: wanted a Target, as in conformance(MyTarget)")
    given = {"profile": profile, "seed": seed, "timeout": timeout}
    options = [word for k, v in given.items() if v is not None for word in (f"--{k}", str(v))]
    for clause in clauses or ():
        options += ["--clause", clause]
    asked = Conformance(
        name=kind.__name__,
        word=f"{inspect.getfile(kind)}#{kind.__qualname__}",
        command=_command_of(kind),
        options=options,
        clauses=clauses,
        accepted=dict(accepted or {}),
        file=caller.f_code.co_filename,
        line=caller.f_lineno,
        kind=kind,
    )
    # The name under which the plugin of pytest finds it.
    caller.f_globals.setdefault("ulaspec_conformance", []).append(asked)


# The program of a target's process: it finds the class as the test module did.
_BOOT = """
import json, sys
file, module, name, sys.path[:] = json.loads(sys.argv[1])
sys.argv[:] = [file]
import ulaspec
ulaspec._serve_named(file, module, name)
"""


def _command_of(kind: Type[Target]) -> List[str]:
    if "<locals>" in kind.__qualname__:
        raise TypeError(
            f"Cannot test {kind.__qualname__}: found a class inside of a function, "
            "wanted one at the top of a module, which the target's process can import"
        )
    file = os.path.abspath(inspect.getfile(kind))
    path = [os.path.abspath(p) for p in sys.path]
    place = [file, kind.__module__, kind.__qualname__, path]
    return [sys.executable, "-c", _BOOT, json.dumps(place)]


def _serve_class(file: str, name: str) -> None:
    """Serves the class of that name in a file, as ``ulaspec check FILE.py#NAME`` asks."""
    sys.argv[:] = [file]
    root, module = _package_of(file)
    sys.path[:0] = dict.fromkeys((os.path.dirname(os.path.abspath(file)), root))
    _serve_named(file, module, name)


def _serve_file(file: str) -> None:
    """Runs a script, and serves the target that it makes unless it serves one itself.

    Targets that others build on, and imported ones, don't count.
    """
    sys.argv[:] = [file]
    root, module = _package_of(file)
    folders = os.path.dirname(os.path.abspath(file)), *(p for p in sys.path if p), root
    sys.path[:] = dict.fromkeys(folders)
    main = sys.modules["__main__"]
    # In a package its imports are relative to that.
    main.__file__, main.__package__ = file, module.rpartition(".")[0]
    with _traced(), open(file, "rb") as source:
        exec(compile(source.read(), file, "exec"), vars(main))
        kind = _only_target_in(vars(main), file)
        made = None if kind is None else _instance_of(kind)
    if made is not None:
        serve(made)


def _only_target_in(names: Mapping[str, Any], file: str) -> Optional[Type[Target]]:
    """The target that a script makes and does not serve, None if it makes none."""
    made = [kind for name, kind in names.items() if _is_made_by(names, name, kind)]
    made = [kind for kind in made if not any(kind in of.__mro__[1:] for of in made)]
    if len(made) > 1:
        found, word = ", ".join(kind.__name__ for kind in made), os.path.relpath(file)
        raise SystemExit(
            f"Cannot choose a target: found {found} in {word}, wanted one of them: "
            f"ulaspec check {word}#{made[0].__name__}"
        )
    return made[0] if made else None


def _is_made_by(names: Mapping[str, Any], name: str, kind: Any) -> bool:
    if name.startswith("_") or not isinstance(kind, type) or not issubclass(kind, Target):
        return False
    return kind.__module__ == names["__name__"] and kind.sample is not Target.sample


def _serve_named(file: str, module_name: str, name: str) -> None:
    """Serves the class of that name in a module, which is imported as the tests import it."""
    with _traced():
        target = _instance_of(_class_of(file, module_name, name))
    serve(target)


@contextlib.contextmanager
def _traced() -> Iterator[None]:
    """What a person's file raises ends the process with a trace of that file alone."""
    try:
        yield
    except Exception as error:
        _output.served = True
        alone = isinstance(error, SyntaxError) and "".join(traceback.format_exception_only(error))
        text = alone or _trace(error) or f"{type(error).__name__}: {error}\n"
        raise SystemExit(text.rstrip()) from None


def _class_of(file: str, module_name: str, name: str) -> Any:
    _now.importing = True
    module: Any = None
    with contextlib.suppress(ImportError):
        module = importlib.import_module(module_name)
    if os.path.realpath(getattr(module, "__file__", None) or "") != os.path.realpath(file):
        spec = importlib.util.spec_from_file_location(module_name, file)
        if spec is None or spec.loader is None:
            raise ImportError(f"Cannot import {file}: found no module of Python")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        spec.loader.exec_module(module)
    _now.importing = False
    found = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if isinstance(found, type) and issubclass(found, Target):
        return found
    # A target that was made of the function of that name, held by the module or only tested by it.
    tested = [asked.kind for asked in vars(module).get("ulaspec_conformance", ())]
    for kind in (*vars(module).values(), *tested):
        if isinstance(kind, type) and issubclass(kind, Target) and kind.__qualname__ == name:
            return kind
    raise AttributeError(f"Cannot serve {name}: {file} has no such target")
