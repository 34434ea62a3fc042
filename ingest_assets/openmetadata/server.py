"""One OpenMetadata server as a run sees it: its client, and what is learnt of it once."""

from __future__ import annotations

from functools import cached_property

from ingest_assets.errors import InvalidAnswerError
from ingest_assets.openmetadata.bodies import Bodies
from ingest_assets.openmetadata.capabilities import Capabilities
from ingest_assets.openmetadata.client import OpenMetadataClient
from ingest_assets.openmetadata.events import ChangeEvents
from ingest_assets.openmetadata.exclusive import ExclusiveKinds
from ingest_assets.openmetadata.history import History
from ingest_assets.openmetadata.listing import ServerListing
from ingest_assets.openmetadata.owners import OwnerLookup


class Server:
    """What plan and publishing need of a server; asked for its version when that is first needed.

    Args:
        client: Talks to it.
        threads: Requests under way at once.
    """

    def __init__(self, client: OpenMetadataClient, threads: int) -> None:
        self.client = client
        self.threads = threads

    @cached_property
    def capabilities(self) -> Capabilities:
        """What its version understands."""
        return self.client.capabilities

    @cached_property
    def listing(self) -> ServerListing:
        """Lists what it has."""
        return ServerListing(self.client, self.capabilities)

    @cached_property
    def bodies(self) -> Bodies:
        """Makes what it is sent; owners are looked up once a run."""
        owners = OwnerLookup(self.client, self.capabilities)
        return Bodies(self.capabilities, owners, ExclusiveKinds(self.client))

    @cached_property
    def events(self) -> ChangeEvents:
        """What happened there, whoever did it."""
        return ChangeEvents(self.client, self.capabilities)

    @cached_property
    def history(self) -> History:
        """Who wrote what stands on an entity."""
        return History(self.client)

    @cached_property
    def user(self) -> str:
        """Name of the user that we write as.

        Raises:
            InvalidAnswerError: The answer has none.
        """
        where = "/v1/users/loggedInUser"
        try:
            return str(self.client.get(where)["name"])
        except KeyError as error:
            raise InvalidAnswerError("the answer lacks 'name'.", where=f"GET {where}") from error
