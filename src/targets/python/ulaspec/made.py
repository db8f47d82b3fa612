"""Makes a target of a function or a class, by the names of its parameters."""

from __future__ import annotations

import builtins
import inspect
import sys
from typing import Any, Callable, Dict, List, Optional, Set, Type

from .signature import _GENERATORS, _METHODS, _expression_of, _framework_of, _method_of
from .target import Problem, Settings, Target

_OPTIONS = frozenset(
    name for name in vars(Target) if not name.startswith("_") and name not in ("prepare", "sample")
)
#: Names of settings and problem, which a parameter may have.
_FIELDS = (
    "bounds_min bounds_max steps noise_scale grad_clip delta_clip grad_norm apply_exp step_sizes "
    "step_size temperature own observations initial groups samples axes rows seed network gradient"
).split()
_WHOLE_RECORDS = {"s": "s", "settings": "s", "p": "p", "problem": "p"}
#: What shows that a sampler has an optional feature: a name that its arguments are made of.
_ASKED_FOR = {
    "grad-clip": {"grad_clip"},
    "exponential-schedule": {"decay", "step_sizes"},
    "apply-exp": {"apply_exp"},
}


#: What a sampler of the default rule is to be told, and the names that tell it.
_NEEDED = {
    "bounds": {"bounds", "bounds_min", "bounds_max", "low", "high"},
    "number of steps": {"steps", "step_sizes"},
    "step sizes": {"schedule", "step_sizes", "step_size"},
    "noise scale": {"noise_scale", "temperature"},
    "delta clip": {"delta_clip"},
}


def target(sampler: Any = None, *, method: str = "", **said: Any) -> Any:
    """Makes a target of a sampler: a function, or a class whose instances sample::

        Target = ulaspec.target(langevin, lr="step_sizes")

    or, around a call that is written out::

        @ulaspec.target()
        def sample(network, observations, initial, bounds, steps, step_sizes, noise_scale):
            return langevin(network, observations, initial, bounds, steps, step_sizes, noise_scale)

    Parameters take what their names say: those of settings and problem, and usual ones like
    ``num_steps``, ``stepsize_init`` or ``energy_fn``, as in ``ulaspec init``. Others are told by name: a
    text is an expression of settings and problem (``"schedule.init"``, ``"bounds[0]"``,
    ``"dict(n=steps, lr=step_size)"``), anything else is the value itself. The report says which names
    were only usual ones. A function whose arguments
    come from settings alone makes the sampler, which is then called with the problem.

    - ``said``: parameters, and attributes of `Target`, such as ``framework`` (by default the one that
      the sampler's module has), ``network_returns`` or ``unsupported`` (beside the features that
      no parameter asks for). A sampler that takes no initial actions draws its start
    - ``method``: of a class, what samples; by default ``sample``, ``forward``, ``__call__``, ``run``,
      ``infer``, ``predict``, ``get_action`` or another usual name, or the only method

    Gives a class for ``serve`` and ``conformance``; ``ulaspec check FILE.py`` finds it by itself.

    Raises TypeError if a parameter is neither known nor told.
    """
    module = sys._getframe(1).f_globals.get("__name__", "__main__")

    def make(sampler: Any) -> Type[Target]:
        return _made(sampler, method, said, module)

    return make if sampler is None else make(sampler)


def _made(sampler: Any, method: str, said: Dict[str, Any], module: str) -> Type[Target]:
    name = getattr(sampler, "__name__", type(sampler).__name__)
    options = {key: value for key, value in said.items() if _is_option(key, value)}
    options.setdefault("name", name)
    options.setdefault("framework", _framework_of(sampler))
    told = {key: value for key, value in said.items() if key not in options}
    calls = _Calls(name, options, told)
    first = calls.arguments(sampler, 0)
    second = None
    if inspect.isclass(sampler):
        second = calls.arguments(getattr(sampler, calls.method_of(sampler, method)), 1)
    makes = second is not None or not first.of_problem
    used = first.names | (second.names if second is not None else set())
    if not makes or second is not None:
        calls.refuse_idle()
        options.setdefault("draws_start", not used & {"initial", _whole("p")})
    if _whole("s") not in used:
        # What is said comes on top: no sampler has what no parameter asks for.
        idle = [feature for feature, names in _ASKED_FOR.items() if not used & names]
        lacked = options.get("unsupported", ())
        if not isinstance(lacked, str):
            options["unsupported"] = [*dict.fromkeys([*idle, *lacked])]

    def prepare(self: Any, settings: Settings) -> Any:
        return settings, None if first.of_problem else first.call(sampler, settings, None)

    def sample(self: Any, prepared: Any, problem: Problem) -> Any:
        settings, made = prepared
        if first.of_problem:
            made = first.call(sampler, settings, problem)
        if not makes:
            return made
        called = made
        if not inspect.isfunction(made):
            name = calls.method_of(type(made), method)
            # A module of a framework is called itself, so that its hooks run.
            called = made if name in ("forward", "__call__") else getattr(made, name)
        own = second if second is not None else calls.arguments(called, 0)
        return own.call(called, settings, problem)

    return type(name, (Target,), {
        **options, "prepare": prepare, "sample": sample, "__module__": module, "__doc__": None,
        "_guessed": calls.guesses(used if second is not None or not makes else {_whole("s")}),
    })


def _is_option(name: str, value: Any) -> bool:
    """Whether a keyword is an attribute of the target: a parameter may be called ``noise``, too."""
    words = {"noise": ("tape", "own"), "bounds": ("any", "symmetric", "scalar")}
    return name in _OPTIONS and value in words.get(name, (value,))


class _Calls:
    """How the sampler of a target is called."""

    def __init__(self, name: str, options: Dict[str, Any], told: Dict[str, Any]) -> None:
        self.name, self.options, self.told = name, options, told
        self.framework: str = options["framework"]
        self.taken: Set[str] = set()
        #: Parameters that take what a usual name says, with the expressions for it.
        self.guessed: Dict[str, str] = {}
        #: Numbers that parameters keep as their defaults.
        self.left: Dict[str, Any] = {}

    def guesses(self, used: Set[str]) -> str:
        """What was guessed, and what the sampler is not told, in words. `used`: what it is told."""
        pairs = ", ".join(f"{name} = {text}" for name, text in self.guessed.items() if name != text)
        taken = f"Parameters of {self.name} were taken for what their names usually mean: {pairs}"
        known = used & {_whole("s"), _whole("p")} or self.options.get("rule", "ibc") != "ibc"
        untold = [] if known else [what for what, names in _NEEDED.items() if not used & names]
        defaults = ", ".join(f"{name} = {value!r}" for name, value in self.left.items())
        kept = f", with the defaults {defaults}" if defaults else ""
        own = (
            f"Nothing tells {self.name} the {' or the '.join(untold)}: it has its own{kept}. "
            'Wanted a parameter that takes it, as in ulaspec.target(…, lr="step_sizes")'
        )
        return ". ".join([*([own] if untold else []), *([taken] if pairs else [])])

    def method_of(self, kind: Any, method: str) -> str:
        if method:
            return method
        found = _method_of(kind)
        if found is None:
            raise TypeError(
                f"Cannot make a target of {self.name}: found no {', '.join(_METHODS)}, wanted one of "
                "them, or method=\"…\""
            )
        return found

    def arguments(self, called: Any, drop: int) -> "_Arguments":
        values: Dict[str, Any] = {}
        parameters = list(inspect.signature(called).parameters.values())[drop:]
        for p in parameters:
            if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
                continue
            if p.name in self.told:
                self.taken.add(p.name)
                values[p.name] = _Expression.of(self.told[p.name], self.framework)
                continue
            if p.name in ("device", "name", "horizon", "rule") and p.name in self.options:
                values[p.name] = _Expression(self.options[p.name], None, self.framework)
                continue
            optional = p.default is not p.empty
            text = self.expression_of(p.name, optional, {other.name for other in parameters})
            if text is not None:
                values[p.name] = _Expression.of(text, self.framework)
            elif optional:
                if isinstance(p.default, (int, float)) and not isinstance(p.default, bool):
                    self.left[p.name] = p.default
            else:
                raise TypeError(
                    f"Cannot make a target of {self.name}: found the parameter {p.name}, wanted to be "
                    f'told what it takes, as in ulaspec.target({self.name}, {p.name}="…"): the value '
                    "itself, or an expression of "
                    "initial, observations, network, seed, bounds, steps, step_sizes, noise_scale, "
                    "delta_clip and the other fields of settings and problem"
                )
        if any(p.kind == p.VAR_KEYWORD for p in parameters):
            for name in self.told.keys() - values.keys() - self.taken:
                self.taken.add(name)
                values[name] = _Expression.of(self.told[name], self.framework)
        return _Arguments(values, [p.name for p in parameters if p.kind == p.POSITIONAL_ONLY])

    def expression_of(self, name: str, optional: bool, beside: Set[str]) -> Optional[str]:
        """What a parameter takes; None: not known, or better left to its default."""
        if self.options.get("bounds") == "scalar" and name in ("low", "high"):
            return name
        if optional and (name == "noise" or (name == "temperature" and "noise_scale" in beside)):
            # Draws that may be given, and a factor beside the noise scale.
            return None
        if name in _FIELDS:
            return name
        if name in _WHOLE_RECORDS:
            return _WHOLE_RECORDS[name]
        text = _expression_of(name, self.framework, beside)
        if text is not None:
            self.guessed[name] = text.replace("s.", "", 1).replace("p.", "", 1)
        return text

    def refuse_idle(self) -> None:
        idle = sorted(self.told.keys() - self.taken)
        if idle:
            raise TypeError(
                f"Cannot make a target of {self.name}: found {', '.join(idle)}, wanted its parameters, or "
                f"attributes of ulaspec.Target: {', '.join(sorted(_OPTIONS))}"
            )


class _Expression:
    """A text of settings and problem, or a value that is what it is."""

    def __init__(self, value: Any, code: Any, framework: str) -> None:
        self.value, self.code, self.framework = value, code, framework

    @staticmethod
    def of(value: Any, framework: str) -> "_Expression":
        if not isinstance(value, str):
            return _Expression(value, None, framework)
        try:
            return _Expression(value, compile(value, f"<{value}>", "eval"), framework)
        except SyntaxError:
            raise TypeError(
                f"Cannot make a target: found {value!r}, wanted an expression of settings and problem; "
                f"a text that is meant as a text is {repr(repr(value))}"
            ) from None

    @property
    def names(self) -> Set[str]:
        names = set(_names_in(self.code)) if self.code is not None else set()
        # A schedule as a whole has all that schedules have.
        if "schedule" in names and not names & {"init", "final", "power"}:
            names.add("decay")
        return names | {_whole(self.value)} if self.value in ("s", "p") else names

    def at(self, known: Dict[str, Any]) -> Any:
        return self.value if self.code is None else eval(self.code, known)


def _whole(record: str) -> str:
    """A name that no expression has, for one that is the settings or the problem as a whole."""
    return f"all of {record}"


def _names_in(code: Any) -> List[str]:
    inner = [name for part in code.co_consts if hasattr(part, "co_names") for name in _names_in(part)]
    return [*code.co_names, *inner]


class _Arguments:
    """What a function is called with."""

    def __init__(self, values: Dict[str, _Expression], places: List[str]) -> None:
        self.expressions = values
        self.places = places

    @property
    def names(self) -> Set[str]:
        return {name for value in self.expressions.values() for name in value.names}

    @property
    def of_problem(self) -> bool:
        """Whether they need the problem."""
        fields = {"observations", "initial", "groups", "samples", "axes", "rows", "seed", "network"}
        return bool(self.names & {*fields, "gradient", "p"})

    def call(self, called: Callable[..., Any], settings: Settings, problem: Optional[Problem]) -> Any:
        known = {**_fields(settings), "s": settings, "__builtins__": builtins}
        if problem is not None:
            known = {**known, **_fields(problem), "p": problem}
        for framework in (*_GENERATORS, "torch", "tensorflow"):
            if framework in sys.modules:
                known[framework] = sys.modules[framework]
        named = {name: value.at(known) for name, value in self.expressions.items()}
        return called(*[named.pop(name) for name in self.places if name in named], **named)


def _fields(record: Any) -> Dict[str, Any]:
    properties = [n for n, v in vars(type(record)).items() if isinstance(v, property)]
    own: Dict[str, Any] = {n: v for n, v in vars(record).items() if not n.startswith("_")}
    return {**own, **{name: getattr(record, name) for name in properties}}
