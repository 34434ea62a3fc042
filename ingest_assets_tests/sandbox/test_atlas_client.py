"""Atlas's own Python client reads the sandbox without complaint."""

from __future__ import annotations

from typing import Any

import pytest
from apache_atlas.client.base_client import AtlasClient
from apache_atlas.exceptions import AtlasServiceException
from apache_atlas.model.discovery import SearchParameters
from apache_atlas.model.misc import SearchFilter

from ingest_assets.sandbox.company.atlas_model import VERSIONS
from ingest_assets.sandbox.server import Sandbox


@pytest.fixture(params=VERSIONS)
def client(request: pytest.FixtureRequest) -> Any:
    with Sandbox(atlas_version=request.param) as sandbox:
        made = AtlasClient(sandbox.atlas_host_port, (sandbox.atlas_user.name, sandbox.atlas_user.password))
        yield made
        assert not list(sandbox.crashes)


def test_it_reads_types(client: Any) -> None:
    everything = client.typedef.get_all_typedefs(SearchFilter({"params": {}}))
    assert {"hive_table", "kafka_topic"} <= {one.name for one in everything.entityDefs}
    assert {"PII", "CONFIDENTIAL"} <= {one.name for one in everything.classificationDefs}
    assert {"DataQuality"} <= {one.name for one in everything.businessMetadataDefs}
    table = client.typedef.get_entitydef_by_name("hive_table")
    assert {one.name for one in table.relationshipAttributeDefs} >= {"columns", "db", "partitionKeys"}
    assert client.typedef.type_with_name_exists("hive_db")
    assert not client.typedef.type_with_name_exists("no_such_type")


def test_it_searches(client: Any) -> None:
    found = client.discovery.faceted_search(
        SearchParameters({"typeName": "hive_table", "attributes": ["db"], "excludeDeletedEntities": True, "limit": 500})
    )
    names = {one.attributes["qualifiedName"]: one.attributes["db"]["guid"] for one in found.entities}
    database = found.referredEntities[names["sales.orders@norrpost"]]
    assert database.attributes["name"] == "sales"
    by_word = client.discovery.basic_search("kafka_topic", None, "clicks*", True)
    assert [one.displayText for one in by_word.entities] == ["clicks"]
    related = client.discovery.relationship_search(database.guid, "tables", "name", "ASCENDING", True, 5, 0)
    assert len(related.entities) == 5


def test_it_reads_entities_and_lineage(client: Any) -> None:
    orders = client.entity.get_entity_by_attribute("hive_table", {"qualifiedName": "sales.orders@norrpost"})
    again = client.entity.get_entity_by_guid(orders.entity.guid)
    assert again.entity.attributes["qualifiedName"] == "sales.orders@norrpost"
    assert again.entity.businessAttributes["DataQuality"]["tier"] == "GOLD"
    assert again.entity.labels == ["nightly", "tier_1"]
    several = client.entity.get_entities_by_guids([orders.entity.guid])
    assert len(several.entities) == 1
    classified = client.entity.get_classifications(orders.entity.guid)
    assert classified.list[0]["typeName"] == "CONFIDENTIAL"
    lineage = client.lineage.get_lineage_info(orders.entity.guid, "BOTH", 3)
    assert orders.entity.guid in lineage.guidEntityMap
    assert len(lineage.relations) >= 4
    with pytest.raises(AtlasServiceException, match="ATLAS-404-00-005"):
        client.entity.get_entity_by_guid("no-such-guid")


def test_it_reads_glossaries(client: Any) -> None:
    glossaries = client.glossary.get_all_glossaries()
    assert [one["name"] for one in glossaries] == ["Norrpost Glossary", "Old words"]
    terms = client.glossary.get_glossary_terms(glossaries[0]["guid"])
    order = next(one for one in terms if one["name"] == "Order")
    assigned = client.glossary.get_entities_assigned_with_term(order["guid"], "ASC", -1, 0)
    assert {one["displayText"] for one in assigned} == {"orders", "order_id"}
    whole = client.glossary.get_glossary_ext_info(glossaries[0]["guid"])
    assert {one["name"] for one in whole.categoryInfo.values()} == {"Sales", "People"}
