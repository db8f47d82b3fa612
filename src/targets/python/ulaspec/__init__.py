"""Plugs a Python sampler into ulaspec.

Standard library only, Python 3.9 or newer. A sampler's author writes a few lines::

    import ulaspec
    from my_project import ULASampler

    Target = ulaspec.target(ULASampler, network_returns="energy")   # or "logits": high is good

and runs ``ulaspec check my_target.py``. The sampler's parameters take what their names say; what a name
does not say is told, see `target`. The same by hand::

    class Target(ulaspec.Target):
        framework = "torch"                       # or "jax", "tensorflow", "numpy", "python"
        unsupported = ["grad-clip"]

        def prepare(self, settings):              # once per settings
            return ULASampler(settings.bounds, settings.steps, settings.noise_scale)

        def sample(self, sampler, problem):       # arrays of the framework in and out
            return sampler.sample(problem.observations, problem.network, problem.initial)

*Network.* The energy is a formula. It is evaluated with the framework's own operations, so the
sampler's automatic differentiation runs for real, and every point at which outputs or gradients
are asked for is logged.

*Noise.* While ``sample`` runs, the normal draws of torch, jax, tensorflow and numpy are taken from
a tape, whatever their shape: a draw of n numbers takes the next n of the tape. ulaspec finds out
which of them moves which coordinate. These take the tape:

- ``torch.randn``, ``randn_like``, ``normal``, ``Tensor.normal_``, and what rests on them, such as
  ``torch.nn.init.normal_`` and ``torch.distributions.Normal``
- ``numpy.random.randn``, ``normal``, ``standard_normal``, of ``Generator`` and ``RandomState`` too
- ``jax.random.normal``
- ``tf.random.normal``, ``stateless_normal``, ``Generator.normal``

They behave as the framework's own in all but the numbers. Complex and truncated normal draws,
``jax.random.multivariate_normal``, and noise that is made otherwise, of uniform numbers or by the
standard library, do not take it: such a sampler is judged by the law of its noise, best with
``noise = "own"``.

*Wire.* JSON lines over standard input and output, protocol version 1. Whatever the target prints
goes to standard error, from the import of this module on.
"""

from __future__ import annotations

from .clause_tests import _serve_class as _serve_class
from .clause_tests import _serve_file as _serve_file
from .clause_tests import _serve_named as _serve_named
from .clause_tests import conformance
from .made import target
from .rerun import rerun
from .server import serve
from .signature import _write_target as _write_target
from .watching import watch
from .target import Problem, Result, Schedule, Settings, Target, Unsupported

__version__ = "0.1.0"
__all__ = [
    "Problem",
    "Result",
    "Schedule",
    "Settings",
    "Target",
    "Unsupported",
    "conformance",
    "rerun",
    "serve",
    "target",
    "watch",
]
