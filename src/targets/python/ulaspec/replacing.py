"""Replaces the draws of frameworks, once they are imported."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.util
import sys
from typing import Any, Callable, Dict

from .draws import _replaced
from .draws_jax import _replace_in_jax
from .draws_numpy import _replace_in_numpy
from .draws_tensorflow import _replace_in_tensorflow
from .draws_torch import _replace_in_torch

_REPLACEMENTS: Dict[str, Callable[[Any], None]] = {
    "torch": _replace_in_torch,
    "numpy": _replace_in_numpy,
    "jax": _replace_in_jax,
    "tensorflow": _replace_in_tensorflow,
}


class _AfterImport(importlib.abc.MetaPathFinder):
    """Replaces a framework's draws as soon as it has been imported, before names are bound."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname not in _REPLACEMENTS or fullname in self.finding:
            return None
        self.finding.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self.finding.discard(fullname)
        if spec is None or spec.loader is None:
            return None
        loader = spec.loader
        execute = loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            _REPLACEMENTS[fullname](module)

        loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

    def __init__(self) -> None:
        self.finding: set = set()


def _install() -> None:
    for name, replace in _REPLACEMENTS.items():
        if name in sys.modules:
            replace(sys.modules[name])
    sys.meta_path.insert(0, _AfterImport())


def _rebind() -> None:
    """Replaces what modules bound by name earlier, e.g. by `from torch import randn`."""
    for module_name, module in list(sys.modules.items()):
        if module is None or module_name.split(".")[0] in (*_REPLACEMENTS, "jaxlib", "ulaspec"):
            continue
        for name, value in list(getattr(module, "__dict__", {}).items()):
            original, replacement = _replaced.get(id(value), (None, None))
            if original is not None and value is original:
                with contextlib.suppress(Exception):
                    setattr(module, name, replacement)


_install()
