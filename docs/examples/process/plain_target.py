"""A sampler in plain Python that speaks the protocol by hand, without the adapter.

    ulaspec check -- python3 docs/examples/process/plain_target.py
"""
import json
import math
import sys

from formula import gradient


def clip(x, low, high):
    return min(max(x, low), high)


def step_size(schedule, steps, k):
    if schedule["kind"] == "exponential":
        return schedule["init"] * schedule["decay"] ** k
    if steps == 1:
        return schedule["init"]
    decay = (1 - k / (steps - 1)) ** schedule["power"]
    return (schedule["init"] - schedule["final"]) * decay + schedule["final"]


def step(settings, eta, action, slopes, noise):
    low, high = settings["bounds"]["min"], settings["bounds"]["max"]
    most = settings["gradClip"]
    moved = []
    for i, (a, g, xi) in enumerate(zip(action, slopes, noise)):
        if most is not None:
            g = clip(g, -most, most)
        limit = settings["deltaClip"] * 0.5 * (high[i] - low[i])
        delta = clip(eta * (0.5 * g + settings["noiseScale"] * xi), -limit, limit)
        moved.append(clip(a - delta, low[i], high[i]))
    return moved


def sample(settings, problem):
    x, observations = numbers(problem["initial"]), numbers(problem["observations"])
    tape, energy = numbers(problem["noise"]["draws"]), problem["energy"]["expression"]
    evaluations = []
    for k in range(settings["steps"]):
        eta = step_size(settings["schedule"], settings["steps"], k)
        evaluations.append({"kind": "gradient", "points": x})
        slopes = [
            gradient(energy, row, observations[r // problem["samples"]]) for r, row in enumerate(x)
        ]
        x = [step(settings, eta, row, g, xi) for row, g, xi in zip(x, slopes, tape[k])]
    return {
        "final": x,
        "evaluations": evaluations,
        "draws": settings["steps"],
        "initialAfter": problem["initial"],
    }


def numbers(value):
    """Reads tables: "NaN", "Infinity", "-Infinity" and "-0" come as texts."""
    return [numbers(v) for v in value] if isinstance(value, list) else float(value)


def texts(value):
    """Writes results: a bare NaN is no JSON."""
    if isinstance(value, dict):
        return {key: texts(v) for key, v in value.items()}
    if isinstance(value, list):
        return [texts(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


prepared = []


def answer(request):
    if request["type"] == "start":
        return {
            "type": "ready",
            "protocol": 1,
            "name": "plain Python",
            "networkReturns": "energy",
            "unsupported": ["apply-exp", "chain-actions", "chain-outputs", "chain-grad-norms"],
            "noise": "tape",
            "language": "python",
        }
    if request["type"] == "prepare":
        if request["settings"]["applyExp"]:
            return {"type": "unsupported", "feature": "apply-exp", "reason": "never needed"}
        prepared.append(request["settings"])
        return {"type": "prepared", "prepared": len(prepared) - 1}
    if request["type"] == "sample":
        settings = prepared[request["prepared"]]
        results = [sample(settings, problem) for problem in request["problems"]]
        return {"type": "results", "results": texts(results)}
    if request["type"] == "release":
        prepared[request["prepared"]] = None
        return {"type": "released"}
    return {"type": "stopped"}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"id": request["id"], **answer(request)}), flush=True)
    if request["type"] == "stop":
        break
