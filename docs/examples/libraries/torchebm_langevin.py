"""torchebm's Langevin dynamics, with a constant step size."""
import ulaspec
from torchebm.core import BaseModel
from torchebm.samplers import LangevinDynamics


class Target(ulaspec.Target):
    name, rule = "torchebm LangevinDynamics", "ula"

    def sample(self, settings, problem):
        class Model(BaseModel):
            forward = staticmethod(problem.network)

        sampler = LangevinDynamics(Model(), step_size=settings.step_size)
        return sampler.sample(x=problem.initial, n_steps=settings.steps)


ulaspec.serve(Target())
