"""What data models of Looker are called, as openmetadata-ingestion calls them: what people wrote there stays."""

from __future__ import annotations

from collections.abc import Iterable

VIEW = "_view"
"""How the names of views end; an explore may be called so as well."""


def explore_model_name(model: str, explore: str) -> str:
    """What the data model of an explore is called."""
    return f"{model}_{explore}".replace("::", "_")


def view_model_name(model: str, view: str) -> str:
    """What the data model of a view is called.

    Args:
        model: A model that uses the view; the project's name where none does.
        view: The view.
    """
    return f"{model}_{view}{VIEW}".replace("::", "_")


class FreeNames:
    """Gives each data model a name of its own.

    The explore ``orders_view`` of a model is called as its view ``orders`` is, and the view ``b_c`` of the model ``a``
    as the view ``c`` of the model ``a_b``: whoever comes first keeps the name, others get a number.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        """Begin with the names that are taken already.

        Args:
            taken: Names of the explores.
        """
        self._taken = set(taken)

    def of_view(self, above: str, view: str) -> str:
        """What a view's data model is called; the first of ``orders``, ``orders_2``, ... that is free.

        Args:
            above: A model that uses the view; the project's name where none does.
            view: The view.
        """
        name, number = view_model_name(above, view), 1
        while name in self._taken:
            number += 1
            name = view_model_name(above, f"{view}_{number}")
        self._taken.add(name)
        return name
