"""Where in Glue's Data Catalog a call goes, and who may go there."""

from __future__ import annotations

from ingest_assets.sandbox.aws.identity import access_denied
from ingest_assets.sandbox.aws.operations import Caller, Params
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.company.glue import GlueCatalog, GlueCatalogs, GlueDatabase


class GluePlaces:
    """Finds catalogs and databases for a caller.

    Args:
        catalogs: The state behind.
    """

    def __init__(self, catalogs: GlueCatalogs) -> None:
        self._catalogs = catalogs

    def arn(self, caller: Caller, catalog_id: str, path: str = "catalog") -> str:
        """The ARN of something in a catalog."""
        return f"arn:aws:glue:{caller.region}:{catalog_id.partition(':')[0]}:{path}"

    def at(self, caller: Caller) -> GlueCatalogs:
        """The catalogs of the caller's region."""
        return self._catalogs.at(caller.region)

    def readable(self, caller: Caller, params: Params, action: str) -> GlueCatalog:
        """The catalog that is meant, if the caller may read it.

        Raises:
            Refusal: AWS denies other accounts' catalogs whether they exist or not, and says "not found" of one's own.
        """
        catalog_id = params.get("CatalogId", caller.account)
        catalog = self.at(caller).catalog(catalog_id)
        if catalog_id.partition(":")[0] == caller.account:
            if catalog is None:
                raise Refusal("EntityNotFoundException", f"Catalog {catalog_id} not found.")
        elif catalog is None or caller.account not in catalog.shared_with:
            raise access_denied(caller.principal, action, self.arn(caller, catalog_id), "resource")
        return catalog

    def database(self, caller: Caller, catalog: GlueCatalog, name: str) -> GlueDatabase:
        """A database that the caller sees.

        Raises:
            Refusal: There is none, or Lake Formation hides it.
        """
        with self.at(caller).lock:
            database = catalog.databases.get(name)
        if database is None:
            raise no_database(name)
        if not caller.principal.sees(name):
            raise hidden(name)
        return database


def no_database(name: str) -> Refusal:
    """AWS's words for a database that isn't there."""
    return Refusal("EntityNotFoundException", f"Database {name} not found.")


def hidden(name: str, permission: str = "Describe") -> Refusal:
    """Lake Formation's words for what it lets nobody see or touch."""
    return Refusal(
        "AccessDeniedException", f"Insufficient Lake Formation permission(s): Required {permission} on {name}"
    )
