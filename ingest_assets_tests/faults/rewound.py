"""One scene for many tests, each of which finds it as it was after its first run: a sandbox and a run cost a second."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from ingest_assets_tests.faults.memory import Memory
from ingest_assets_tests.faults.scene import Scene

SceneT = TypeVar("SceneT", bound=Scene)

_WRITTEN = ("config", "connection", "aws", "server", "dagster", "environment")  # what tests change of a recipe


class Rewound(Generic[SceneT]):
    """A scene that begins anew for each test.

    Args:
        on: The scene; it is run once.
        beside: A folder of its own.
    """

    def __init__(self, on: SceneT, beside: Path) -> None:
        first = on.run()
        assert first.steps is not None, repr(first)
        self._on = on
        self._recipe = on.recipe
        self._words = copy.deepcopy(self._recipe_words())
        self._beginning = Memory(on.sandbox, on.store_folder, beside)

    def again(self) -> SceneT:
        """The scene as it was after its first run, without faults, and with its own recipe."""
        self._on.sandbox.settle()
        self._beginning.restore()
        self._on.sandbox.aws.reset_counts()
        self._on.recipe = replace(self._recipe, **copy.deepcopy(self._words))
        return self._on

    def _recipe_words(self) -> dict[str, Any]:
        return {name: getattr(self._recipe, name) for name in _WRITTEN}


@contextmanager
def rewound(scene: AbstractContextManager[SceneT], folder: Path) -> Iterator[Rewound[SceneT]]:
    """A scene that each test of a module may have.

    Args:
        scene: Fresh, its recipe and store in ``folder``.
        folder: See there.
    """
    with scene as on:
        yield Rewound(on, folder / "kept")
