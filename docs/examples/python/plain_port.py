"""A port in plain Python: lists of floats, the standard library, and a gradient from the caller.

    ulaspec check -- python3 docs/examples/python/plain_port.py
"""

import math

import ulaspec


def clip(x, low, high):
    return min(max(x, low), high)


def step_size(schedule, steps, k):
    if schedule.kind == "exponential":
        return schedule.init * schedule.decay**k
    left = 1 - k / (steps - 1) if steps > 1 else 1.0
    return (schedule.init - schedule.final) * left**schedule.power + schedule.final


def sample(settings, problem):
    low, high = settings.bounds
    limits = [settings.delta_clip * 0.5 * (b - a) for a, b in zip(low, high)]
    bound = math.inf if settings.grad_clip is None else settings.grad_clip
    scale, points = settings.noise_scale, problem.initial
    for k in range(settings.steps):
        rate = step_size(settings.schedule, settings.steps, k)
        slopes, draws = problem.gradient(points), problem.noise()
        moved = []
        for point, row, draw in zip(points, slopes, draws):
            new = []
            for i, (a, slope, xi) in enumerate(zip(point, row, draw)):
                slope = clip(slope, -bound, bound)
                delta = clip(rate * (0.5 * slope + scale * xi), -limits[i], limits[i])
                new.append(clip(a - delta, low[i], high[i]))
            moved.append(new)
        points = moved
    return points


class Target(ulaspec.Target):
    name = "plain Python"
    framework = "python"
    network_returns = "energy"
    unsupported = ["apply-exp"]

    def prepare(self, settings):
        return settings

    def sample(self, settings, problem):
        return sample(settings, problem)


ulaspec.serve(Target())
