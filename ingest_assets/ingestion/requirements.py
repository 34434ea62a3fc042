"""Services of other recipes that a recipe names and can't do without."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ingest_assets.catalog import EntityType, Reference
from ingest_assets.errors import RecipeError
from ingest_assets.openmetadata.listing import ServerListing

_WORDS = {EntityType.DATABASE_SERVICE: "database service", EntityType.MESSAGING_SERVICE: "messaging service"}


class Required(NamedTuple):
    """A service that must be there.

    Attributes:
        service: The service.
        key: Of the recipe that names it.
        instead: What else may be done where it is not there, as the end of a sentence.
    """

    service: Reference
    key: str
    instead: str = ""


def require_services(required: Iterable[Required], listing: ServerListing) -> None:
    """See that services are there.

    Raises:
        AuthenticationError: The server refuses who we are.
        RecipeError: One is not there, or is deleted.
        RemoteError: The server can't be asked.
    """
    for service, key, instead in required:
        found = listing.service(service)
        if found is None or found.deleted:
            what = f"{'has deleted' if found else 'has no'} {_WORDS[service.type]} {service.name!r}"
            raise RecipeError(
                f"{key}: OpenMetadata {what}. Bring it there first, by the recipe of its own source with serviceName: "
                f"{service.name} (or that of OpenMetadata's connector for it){instead}."
            )
