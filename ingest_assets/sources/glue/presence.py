"""Asks Glue for one thing by its name: is what a listing no longer shows gone, or only out of sight?

Lake Formation leaves out of listings, without a word, what a role may not see; asked by name it answers
``AccessDeniedException``. ``EntityNotFoundException`` alone says that there is no such thing; for a table it may be its
database or catalog that is not there.

Permissions: ``glue:GetTable`` and ``glue:GetDatabase``, which no listing needs.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest_assets.catalog import EntityType, Reference, may_be_altered
from ingest_assets.errors import NotFoundError, PermissionDeniedError, RejectedError
from ingest_assets.sources.aws import AwsSession


def is_there(session: AwsSession, reference: Reference, place: Mapping[str, object]) -> bool:
    """Whether Glue has a catalog, database or table.

    Args:
        session: The run's AWS session.
        reference: What is asked for; its catalog is the one that ``place`` names.
        place: The ``CatalogId`` parameter; empty for the account's own catalog.

    Raises:
        RemoteError: It can't be told.
        DeadlineExceededError: The run's time is over.
    """
    names = reference.path[2:]
    for name in names:
        if may_be_altered(name):
            raise RejectedError(
                f"The name {name} may stand for another one, which OpenMetadata can't hold.",
                where=f"glue: {reference}",
                advice="So it can't be asked for, and is kept. Delete it by hand if it is gone.",
            )
    # Glue folds the names of tables and databases to lower case when it stores them, for the sake of Hive; catalogs
    # that are mounted may keep the case. One that exists in either spelling is not gone.
    spellings = dict.fromkeys([names, tuple(name.lower() for name in names)])
    return any(_answers(session, reference, place, spelling) for spelling in spellings)


def _answers(session: AwsSession, reference: Reference, place: Mapping[str, object], names: tuple[str, ...]) -> bool:
    try:
        _ask(session, reference, place, names)
    except NotFoundError:
        return False
    except PermissionDeniedError as error:
        advice = f"{error.advice} Until then it is kept: nobody can tell whether it is gone."
        raise PermissionDeniedError(error.what, where=error.where, advice=advice, status=error.status) from error
    return True


def _ask(session: AwsSession, reference: Reference, place: Mapping[str, object], names: tuple[str, ...]) -> None:
    subject = ".".join(names) or reference.name
    match reference.type:
        case EntityType.TABLE:
            schema, name = names
            session.item("glue", "GetTable", subject, key="Table", **place, DatabaseName=schema, Name=name)
        case EntityType.SCHEMA:
            session.item("glue", "GetDatabase", subject, key="Database", **place, Name=names[0])
        case EntityType.DATABASE:
            # GetCatalog needs a permission of its own; the listing of its databases answers only if it exists.
            next(session.pages("glue", "GetDatabases", subject, key="DatabaseList", **place, MaxResults=1))
        case _:
            raise ValueError(reference)
