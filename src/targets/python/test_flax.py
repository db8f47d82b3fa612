"""Samplers that call their network as Flax has it: linen modules with parameters beside, and NNX.

What is seen of them is what the rule gives, for targets and while a real run is watched.
"""

import unittest

import ulaspec
from framework_styles import Style, has, target
from test_watching_frameworks import CHAIN, CLIP, HIGH, LOW, RATES, ROWS, Judged


@unittest.skipUnless(has("flax"), "needs flax")
class Targets(Style):
    def chain(self, settings, p, gradient, compiled=True):
        """A chain by a gradient of observations and actions."""
        import jax
        import jax.numpy as jnp

        low, high = settings.bounds
        limit = settings.delta_clip * 0.5 * (high - low)

        def step(x, key):
            delta = 0.125 * (0.5 * gradient(p.observations, x) + jax.random.normal(key, x.shape))
            return jnp.clip(x - jnp.clip(delta, -limit, limit), low, high), None

        keys = jax.random.split(jax.random.key(p.seed), settings.steps)
        chain = lambda x: jax.lax.scan(step, x, keys)[0]
        return (jax.jit(chain) if compiled else chain)(p.initial)

    def by(self, energies_of):
        """A sampler by what gives the energies: of the network, observations and actions."""
        import jax

        def sample(settings, p):
            slope = jax.grad(lambda a, o: energies_of(p.network, o, a).sum())
            return self.chain(settings, p, lambda o, a: slope(a, o))

        return target("jax", sample)

    def test_variables_and_parameters_are_taken_as_linen_has_them(self):
        import flax
        import jax

        key = jax.random.key(0)
        linen = {
            "variables": lambda n, o, a: n.apply(n.params, o, a),
            "parameters by name": lambda n, o, a: n.apply({"params": n.params}, o, a),
            "initialised": lambda n, o, a: n.apply(n.init(key, o, a), o, a),
            "frozen": lambda n, o, a: n.apply(flax.core.freeze(n.params), o, a),
            "the parameters inside": lambda n, o, a: n.apply({"params": n.params["params"]}, o, a),
            "options": lambda n, o, a: n.apply(
                n.params, o, a, train=False, mutable=False, rngs={"dropout": key}
            ),
            "collections": lambda n, o, a: n.apply(n.params, o, a, mutable=["batch_stats"])[0],
            "bound": lambda n, o, a: n.bind(n.params)(o, a),
            "of another network": lambda n, o, a: n.apply({"params": {"kernel": key}}, o, a),
        }
        for name, energies in linen.items():
            with self.subTest(name):
                self.follows(self.by(energies))

    def test_a_train_state_holds_the_network(self):
        import jax
        import optax
        from flax.training.train_state import TrainState

        def energies(network, observations, actions):
            state = TrainState.create(
                apply_fn=network.apply, params=network.params, tx=optax.identity()
            )
            return state.apply_fn({"params": state.params}, observations, actions)

        self.follows(self.by(energies))

        @jax.jit
        def slope(state, o, a):
            return jax.grad(lambda a: state.apply_fn(state.params, o, a).sum())(a)

        def sample(settings, p):
            state = TrainState.create(
                apply_fn=p.network.apply, params=p.network.params, tx=optax.identity()
            )
            return self.chain(settings, p, lambda o, a: slope(state, o, a), compiled=False)

        self.follows(target("jax", sample))

    def test_a_linen_module_may_hold_the_network(self):
        import flax.linen as nn
        import jax

        class Policy(nn.Module):
            energy: object

            @nn.compact
            def __call__(self, observations, actions):
                return jax.grad(lambda a: self.energy(observations, a).sum())(actions)

        def sample(settings, p):
            policy = Policy(p.network)
            return self.chain(settings, p, lambda o, a: policy.apply({}, o, a))

        self.follows(target("jax", sample))

    def test_the_network_is_taken_as_a_module_of_nnx(self):
        import jax
        from flax import nnx

        def jitted(settings, p):
            @nnx.jit
            def slope(model, o, a):
                return nnx.grad(lambda m, a: m(o, a).sum(), argnums=1)(model, a)

            p.network.eval()
            return self.chain(settings, p, lambda o, a: slope(p.network, o, a), compiled=False)

        def split(settings, p):
            graph, state = nnx.split(p.network)

            @jax.jit
            def slope(state, o, a):
                return jax.grad(lambda a: nnx.merge(graph, state)(o, a).sum())(a)

            return self.chain(settings, p, lambda o, a: slope(state, o, a), compiled=False)

        def whole(settings, p):
            run = nnx.jit(lambda model, x: self.chain(
                settings, p, lambda o, a: jax.grad(lambda a: model(o, a).sum())(a), False
            ))
            return run(p.network, p.initial)

        for sample in (jitted, split, whole):
            with self.subTest(sample.__name__):
                self.follows(target("jax", sample))


@unittest.skipUnless(has("flax"), "needs flax")
class Watching(Judged):
    """A sampler with a network of each kind, handed over as people do."""

    def sample(self, slope, half=0.5):
        """slope(observations, actions): the gradient of the energies."""
        import jax
        import jax.numpy as jnp

        low, high = jnp.array(LOW), jnp.array(HIGH)
        limit, observations = CLIP * 0.5 * (high - low), jnp.ones((ROWS, 3))
        key, actions = jax.random.key(7), jnp.zeros((ROWS, 2))
        for rate in RATES:
            key, now = jax.random.split(key)
            noise = jax.random.normal(now, actions.shape)
            delta = jnp.clip(rate * (half * slope(observations, actions) + noise), -limit, limit)
            actions = jnp.clip(actions - delta, low, high)
        return actions

    def found(self, network, slope_of):
        """Each kind of fault is found, and none in a correct sampler."""
        for fault, half in (("", 0.5), ("half-missing", 1.0)):
            with ulaspec.watch(network, bounds=(LOW, HIGH), **CHAIN) as run:
                run.final = self.sample(slope_of(run), half)
            self.assert_found(fault, run)

    def test_a_module_of_linen_is_seen_whoever_calls_it(self):
        import flax.linen as nn
        import jax
        import jax.numpy as jnp
        import optax
        from flax.training.train_state import TrainState

        class Energy(nn.Module):
            @nn.compact
            def __call__(self, observations, actions, train=False):
                hidden = nn.tanh(nn.Dense(8)(jnp.concatenate([observations, actions], -1)))
                return nn.Dense(1)(hidden)[..., 0] + (actions**2).sum(-1)

        module = Energy()
        variables = module.init(jax.random.key(0), jnp.ones((1, 3)), jnp.ones((1, 2)))
        state = TrainState.create(
            apply_fn=module.apply, params=variables["params"], tx=optax.identity()
        )

        def slope(energies):
            return jax.jit(lambda o, a: jax.grad(lambda a: energies(o, a).sum())(a))

        before = slope(lambda o, a: module.apply(variables, o, a))
        before(jnp.ones((ROWS, 3)), jnp.zeros((ROWS, 2)))
        for name, slope_of in {
            "compiled before": lambda run: before,
            "of the run": lambda run: slope(lambda o, a: run.network.apply(variables, o, a)),
            "bound": lambda run: slope(module.bind(variables)),
            "a train state": lambda run: slope(
                lambda o, a: state.apply_fn({"params": state.params}, o, a, train=False)
            ),
        }.items():
            with self.subTest(name):
                self.found(module, slope_of)

    def test_a_module_of_nnx_is_seen_whoever_calls_it(self):
        import jax
        import jax.numpy as jnp
        from flax import nnx

        class Energy(nnx.Module):
            def __init__(self, rngs):
                self.first, self.last = nnx.Linear(5, 8, rngs=rngs), nnx.Linear(8, 1, rngs=rngs)

            def __call__(self, observations, actions):
                hidden = nnx.tanh(self.first(jnp.concatenate([observations, actions], -1)))
                return self.last(hidden)[..., 0] + (actions**2).sum(-1)

        model = Energy(nnx.Rngs(0))
        call = Energy.__call__
        slope = nnx.jit(
            lambda model, o, a: nnx.grad(lambda m, a: m(o, a).sum(), argnums=1)(model, a)
        )
        graph, state = nnx.split(model)
        merged = jax.jit(jax.grad(lambda a, o: nnx.merge(graph, state)(o, a).sum()))
        for name, slope_of in {
            "itself": lambda run: lambda o, a: slope(model, o, a),
            "of the run": lambda run: lambda o, a: slope(run.network, o, a),
            "merged": lambda run: lambda o, a: merged(a, o),
        }.items():
            with self.subTest(name):
                self.found(model, slope_of)
        self.assertIs(Energy.__call__, call)


if __name__ == "__main__":
    unittest.main()
