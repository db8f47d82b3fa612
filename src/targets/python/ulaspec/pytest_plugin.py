"""The plugin of pytest: each clause of `ulaspec.conformance(Target)` is a test.

ulaspec runs once for each target, when the first of its tests runs, whatever the number of
workers of xdist. What its clauses came to is read from its report in JUnit's format.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from typing import Any, Dict, Iterator, List, Optional, Tuple

import pytest

from . import __version__
from .__main__ import suite_command, suite_environment
from .clause_tests import Conformance

_OPTIONS = {
    "profile": "quick, standard or thorough (default: standard)",
    "seed": "the seed of every problem (default: 1)",
    "timeout": "seconds that one call of the target may take (default: 30)",
    "accept": "a JSON file of accepted deviations, clause → reason",
}
#: Tests of one target that are about the whole run rather than about a clause.
_WHOLE = "the run is complete"


def pytest_addoption(parser: Any) -> None:
    for name, text in _OPTIONS.items():
        parser.addini(f"ulaspec_{name}", f"ulaspec: {text}", default="")


def pytest_configure(config: Any) -> None:
    config.stash[_runs] = _Runs(config)


def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> Optional[List[Any]]:
    if name != "ulaspec_conformance" or not isinstance(obj, list):
        return None
    return [_Target.from_parent(collector, name=asked.name, asked=asked) for asked in obj]


class _Target(pytest.Collector):
    """The tests of one target."""

    def __init__(self, *, asked: Conformance, **others: Any) -> None:
        super().__init__(**others)
        self.asked = asked

    def collect(self) -> Iterator[Any]:
        for clause in self.config.stash[_runs].clauses():
            if self.asked.clauses is None or _is_chosen(clause, self.asked.clauses):
                yield _Clause.from_parent(self, name=clause)
        yield _Clause.from_parent(self, name=_WHOLE)


def _is_chosen(clause: str, chosen: Any) -> bool:
    return clause in chosen or clause.split("/")[0] in chosen


class _Clause(pytest.Item):
    """One clause, or what is to be said of the whole run."""

    def runtest(self) -> None:
        outcome = self.config.stash[_runs].outcomes(self.parent.asked)
        if self.name == _WHOLE:
            if outcome.whole:
                raise _Broken(outcome.whole)
            return
        if not outcome.clauses:
            raise _skipped(f"the target was not judged: see {_WHOLE}")
        kind, text = outcome.clauses.get(self.name, ("skipped", "the report says nothing of it"))
        if kind == "skipped":
            raise _skipped(text)
        if kind == "failure":
            raise _Broken(text)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        if isinstance(excinfo.value, _Broken):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> Tuple[str, int, str]:
        asked = self.parent.asked
        return asked.file, asked.line - 1, f"{asked.name}: {self.name}"


def _skipped(reason: str) -> BaseException:
    return pytest.skip.Exception(reason, _use_item_location=True)


class _Broken(Exception):
    """What the report says of a clause that is violated, or of a run without a verdict."""


class _Outcomes:
    """A report, as far as tests are concerned."""

    def __init__(self, xml: str) -> None:
        #: Clause → "holds", "failure" or "skipped", with what is to be said.
        self.clauses: Dict[str, Tuple[str, str]] = {}
        #: Why there is no verdict; empty if there is one.
        self.whole = ""
        for case in ElementTree.fromstring(xml).iter("testcase"):
            name = case.get("name", "").split(":")[0]
            for kind in ("failure", "skipped", "error"):
                found = case.find(kind)
                if found is None:
                    continue
                # The message comes first: it is what a summary shows of a failure.
                text = "\n".join(filter(None, (found.get("message"), found.text)))
                if kind == "error":
                    self.whole = text
                else:
                    self.clauses[name] = (kind, text)
                break
            else:
                self.clauses[name] = ("holds", "")


class _Runs:
    """The runs of ulaspec in this session."""

    def __init__(self, config: Any) -> None:
        self.config = config
        self.known: Dict[str, _Outcomes] = {}

    def clauses(self) -> List[str]:
        """The ids of all clauses, in the order of ulaspec."""
        cache = getattr(self.config, "cache", None)
        key = f"ulaspec/clauses-{__version__}"
        known = cache.get(key, None) if cache else None
        if known is None:
            listed = json.loads(self._suite(["clauses", "--format", "json"]))
            known = [clause["id"] for clause in listed]
            if cache:
                cache.set(key, known)
        return known

    def accepted(self, asked: Conformance) -> Dict[str, str]:
        """The deviations that are meant, clause → reason."""
        file = self.config.getini("ulaspec_accept")
        listed: Dict[str, str] = {}
        if file:
            with open(self.config.rootpath / file, encoding="utf-8") as text:
                listed = json.load(text)
        return {**listed, **asked.accepted}

    def outcomes(self, asked: Conformance) -> _Outcomes:
        key = json.dumps([asked.command, asked.options, self.accepted(asked)])
        if key not in self.known:
            self.known[key] = _Outcomes(self._once(key, lambda: self._judged(asked)))
        return self.known[key]

    def _once(self, key: str, judged: Any) -> str:
        """A report that one of the workers of xdist makes, and all of them read."""
        workers = getattr(self.config, "workerinput", None)
        if workers is None:
            return judged()
        folder = os.path.join(tempfile.gettempdir(), f"ulaspec-{workers['testrunuid']}")
        os.makedirs(folder, exist_ok=True)
        file = os.path.join(folder, hashlib.sha256(key.encode()).hexdigest()[:16])
        try:
            os.close(os.open(f"{file}.taken", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            while not os.path.exists(file):
                time.sleep(0.05)
            with open(file, encoding="utf-8") as report:
                return report.read()
        try:
            text = judged()
        except BaseException as error:
            text = _no_report(f"{type(error).__name__}: {error}")
        with open(f"{file}.new", "w", encoding="utf-8") as report:
            report.write(text)
        os.replace(f"{file}.new", file)
        return text

    def _judged(self, asked: Conformance) -> str:
        options = list(asked.options)
        for name in ("profile", "seed", "timeout"):
            word, value = f"--{name}", self.config.getini(f"ulaspec_{name}")
            if value and word not in options:
                options += [word, value]
        accepted = self.accepted(asked)
        with tempfile.TemporaryDirectory() as folder:
            if accepted:
                file = os.path.join(folder, "accepted.json")
                with open(file, "w", encoding="utf-8") as text:
                    json.dump(accepted, text)
                options += ["--accept", file]
            words = ["check", "--format", "junit", *options, "--", *asked.command]
            return self._suite(words, codes=(0, 1, 2), word=asked.word)

    def _suite(self, words: List[str], codes: Tuple[int, ...] = (0,), word: str = "") -> str:
        folder = str(self.config.invocation_params.dir)
        # What is typed to see a case again, from where pytest was started.
        typed = os.path.relpath(word, folder) if word else ""
        done = subprocess.run(
            [*suite_command(), *words],
            env={**suite_environment("ulaspec"), "ULASPEC_TYPED": typed},
            capture_output=True,
            encoding="utf-8",
            cwd=folder,
        )
        if done.returncode not in codes or not done.stdout.strip():
            raise _Broken(f"ulaspec gave no report:\n{done.stderr or done.stdout}")
        return done.stdout


_runs: Any = pytest.StashKey[_Runs]()


def _no_report(why: str) -> str:
    suite = ElementTree.Element("testsuite")
    error = ElementTree.SubElement(ElementTree.SubElement(suite, "testcase", name=_WHOLE), "error")
    error.text = why
    return ElementTree.tostring(suite, encoding="unicode")
