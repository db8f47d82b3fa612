"""Draws of NumPy from the tape."""

from __future__ import annotations

from typing import Any, Callable

from .draws import _draw, _passing, _replace, _take_start
from .session import _now


def _replace_in_numpy(numpy: Any) -> None:
    def of(function: Any, what: str, scale_of: Callable[..., Any]) -> Any:
        """A function or method that draws: standard normal, or with a location and a scale."""

        def call(*args: Any, **options: Any) -> Any:
            with _passing():
                drawn = function(*args, **options)
            numbers = _draw(numpy.shape(drawn), what)
            loc, scale = scale_of(*args, **options)
            if _now.watched is not None and _now.session is None:
                _now.watched.drew((numpy.asarray(drawn) - loc) / scale)
            if numbers is None:
                return drawn
            values = numpy.array(numbers).reshape(numpy.shape(drawn)) * scale + loc
            if not isinstance(drawn, numpy.ndarray):
                return type(drawn)(values)
            drawn[...] = values
            return drawn

        return call

    def starting(function: Any, what: str, in_sides: bool) -> Any:
        """A function or method that draws uniformly: from 0 to 1, or between given sides."""

        def call(*args: Any, **options: Any) -> Any:
            with _passing():
                drawn = function(*args, **options)
            shape = numpy.shape(drawn)
            sides = None
            if in_sides:
                given = dict(zip(("low", "high"), args))
                ends = (given.get(n, options.get(n, d)) for n, d in (("low", 0.0), ("high", 1.0)))
                sides = [numpy.broadcast_to(end, shape).ravel().tolist() for end in ends]
            numbers = _take_start(shape, what, *(sides or ()))
            if numbers is None or not isinstance(drawn, numpy.ndarray):
                return drawn
            drawn[...] = numpy.array(numbers).reshape(shape)
            return drawn

        return call

    def normal(loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        return numpy.asarray(loc), numpy.asarray(scale)

    def standard(*_: Any, **__: Any) -> Any:
        return 0.0, 1.0

    kinds = {"normal": normal, "standard_normal": standard, "randn": standard}
    uniforms = {"uniform": True, "random": False, "random_sample": False, "rand": False}

    def taking(name: str, function: Any, what: str) -> Any:
        if name in kinds:
            return of(function, what, kinds[name])
        return starting(function, what, uniforms[name])

    def subclass(original: Any) -> Any:
        # The class is of C and cannot be changed; instances of the original remain instances.
        class Meta(type):
            def __instancecheck__(cls, instance: Any) -> bool:
                return isinstance(instance, original)

        def method(name: str) -> Any:
            def call(self: Any, *args: Any, **options: Any) -> Any:
                function = getattr(super(taped, self), name)
                what = f"numpy.random.{original.__name__}.{name}"
                return taking(name, function, what)(*args, **options)

            return call

        def reduce(self: Any) -> Any:
            """A copy is of the same class."""
            _, arguments, *state = original.__reduce__(self)
            return (taped, arguments, *state)

        methods = {name: method(name) for name in (*kinds, *uniforms) if hasattr(original, name)}
        taped = Meta(original.__name__, (original,), {**methods, "__reduce__": reduce})
        return taped

    generators = numpy.random
    _replace(generators, "Generator", subclass, "numpy.random.Generator")
    _replace(generators, "RandomState", subclass, "numpy.random.RandomState")

    def default_rng(original: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            generator = original(*args, **options)
            if type(generator) is generators.Generator:
                return generator
            return generators.Generator(generator.bit_generator)

        return call

    _replace(generators, "default_rng", default_rng, "numpy.random.default_rng")

    def drawing(name: str) -> Callable[[Any], Any]:
        return lambda original: taking(name, original, f"numpy.random.{name}")

    for name in (*kinds, *uniforms):
        _replace(generators, name, drawing(name), f"numpy.random.{name}")
