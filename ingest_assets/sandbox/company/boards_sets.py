"""Norrpost's data sets in QuickSight: over the lake and the warehouse, over files, over each other."""

from __future__ import annotations

from datetime import timedelta

from ingest_assets.sandbox.company.boards import Boards
from ingest_assets.sandbox.company.boards_tables import columns, custom_sql, described, lake, relational
from ingest_assets.sandbox.company.glue import FOUNDED, Row

_ORDERS = """
    order_id     INTEGER
    customer_id  INTEGER
    ordered_at   DATETIME
    status       STRING
    currency     STRING
    total        DECIMAL
    promotion_id INTEGER
    order_month  STRING
"""
_CUSTOMERS = """
    customer_id  INTEGER
    email        STRING
    name         STRING
    country      STRING
    created_at   DATETIME
"""
_BUYERS = """
    order_id        INTEGER   -- Number on the receipt
    ordered_at      DATETIME
    status          STRING
    Total           DECIMAL   -- With VAT, in currency
    promotion_id    STRING
    email           STRING    -- Personal data
    country         STRING
    Customer since  DATETIME
    Buyer           STRING
    Order year      INTEGER
"""
_PARCELS = """
    parcel_id      INTEGER   -- Number in the barcode
    service_level  STRING    -- standard, express or locker
    hub            STRING    -- Where the courier is at home
    lat            DECIMAL
    lon            DECIMAL
    outcome        STRING
    created_at     DATETIME
    hours          INTEGER   -- From label to doorstep
    weight_kg      DECIMAL
"""
_DELAYS = """\
SELECT p.parcel_id, p.service AS service_level, h.name AS hub, h.lat, h.lon, d.outcome, p.created_at,
       date_diff('hour', p.created_at, d.delivered_at) AS hours, p.weight_kg
FROM logistics.parcels p
JOIN logistics.deliveries d ON d.parcel_id = p.parcel_id
LEFT JOIN logistics.couriers c ON c.courier_id = d.courier_id
LEFT JOIN "AwsDataCatalog"."logistics"."hubs" h ON h.hub_id = c.hub_id"""


def fill(boards: Boards, owner: str, hidden_from: str) -> None:
    """Add the data sets.

    Args:
        boards: QuickSight, with its data sources.
        owner: ARN of who may change them.
        hidden_from: ARN of a group that doesn't see addresses.
    """
    _shop(boards, owner, hidden_from)
    _on_data_sets(boards, owner)
    _parcels(boards, owner)
    _of_files(boards, owner)
    _of_the_new_preparation(boards, owner)


def _shop(boards: Boards, owner: str, hidden_from: str) -> None:
    orders, customers = lake(boards, "sales", "orders", _ORDERS), lake(boards, "sales", "customers", _CUSTOMERS)
    boards.add_data_set(
        "orders",
        {"orders": orders},
        columns=described(_ORDERS, order_id="Number on the receipt", total="With VAT, in currency"),
        name="Orders",
        owners=[owner],
        tags={"team": "shop"},
        ConsumedSpiceCapacityInBytes=812_345_678,
        FieldFolders={
            "Order": {"description": "What was ordered, and when", "columns": ["order_id", "ordered_at", "status"]},
            "Order/Money": {"columns": ["currency", "total"]},
        },
    )
    boards.add_schedule("orders", "nightly", TimeOfTheDay="03:30", Timezone="Europe/Stockholm")
    counted = {"RowsIngested": 5_120_934, "RowsDropped": 0, "TotalRowsInDataset": 5_120_934}
    boards.add_ingestion("orders", "night-1", RowInfo=counted, IngestionTimeInSeconds=412)
    missing = {"Type": "SQL_TABLE_NOT_FOUND", "Message": "Table awsdatacatalog.sales.orders does not exist"}
    later = FOUNDED + timedelta(days=1)
    boards.add_ingestion("orders", "night-2", "FAILED", ErrorInfo=missing, CreatedTime=later)
    rules = "SELECT 'mei.tanaka@norrpost.example' AS UserName, country FROM sales.customers GROUP BY country"
    boards.add_data_set(
        "country-rules",
        {"rules": custom_sql(boards, "src10", "rules", rules, "UserName STRING\ncountry STRING")},
        columns=columns("UserName STRING\ncountry STRING"),
        name="Who sees which country",
        owners=[owner],
        ImportMode="SPICE",
        UseAs="RLS_RULES",
    )
    boards.add_data_set(
        "orders-with-customers",
        {"orders": orders, "customers": customers},
        logical=_joined(),
        columns=columns(_BUYERS),
        name="Orders with customers",
        owners=[owner],
        ImportMode="DIRECT_QUERY",
        ColumnGroups=[{"GeoSpatialColumnGroup": {"Name": "Where", "CountryCode": "US", "Columns": ["country"]}}],
        RowLevelPermissionDataSet={
            "Arn": boards.arn("dataset", "country-rules"),
            "PermissionPolicy": "GRANT_ACCESS",
            "FormatVersion": "VERSION_1",
            "Status": "ENABLED",
        },
        ColumnLevelPermissionRules=[{"Principals": [hidden_from], "ColumnNames": ["email"]}],
    )


def _joined() -> Row:
    since, key = "Customer since", "customer_id[customers]"
    kept = [column["Name"] for column in columns(_BUYERS)]
    return {
        "orders-in": {
            "Alias": "orders",
            "Source": {"PhysicalTableId": "orders"},
            "DataTransforms": [
                {"RenameColumnOperation": {"ColumnName": "total", "NewColumnName": "Total"}},
                {"CastColumnTypeOperation": {"ColumnName": "promotion_id", "NewColumnType": "STRING"}},
            ],
        },
        "customers-in": {
            "Alias": "customers",
            "Source": {"PhysicalTableId": "customers"},
            "DataTransforms": [
                {"RenameColumnOperation": {"ColumnName": "customer_id", "NewColumnName": key}},
                {"RenameColumnOperation": {"ColumnName": "created_at", "NewColumnName": since}},
                {"ProjectOperation": {"ProjectedColumns": [key, "email", "name", "country", since]}},
            ],
        },
        "joined": {
            "Alias": "orders and customers",
            "Source": {
                "JoinInstruction": {
                    "LeftOperand": "orders-in",
                    "RightOperand": "customers-in",
                    "RightJoinKeyProperties": {"UniqueKey": True},
                    "Type": "LEFT",
                    "OnClause": f"{{customer_id}} = {{{key}}}",
                }
            },
            "DataTransforms": [
                _new("Buyer", "concat({name}, ' <', {email}, '>')"),
                _new("Order year", "extract('YYYY', {ordered_at})"),
                {"FilterOperation": {"ConditionExpression": "{status} <> 'cancelled'"}},
                {"TagColumnOperation": {"ColumnName": "country", "Tags": [{"ColumnGeographicRole": "COUNTRY"}]}},
                _note("email", "Personal data"),
                {"ProjectOperation": {"ProjectedColumns": kept}},
            ],
        },
    }


def _on_data_sets(boards: Boards, owner: str) -> None:
    buyers = boards.arn("dataset", "orders-with-customers")
    boards.add_data_set(
        "key-accounts",
        {},
        logical={
            "buyers": {
                "Alias": "Orders with customers",
                "Source": {"DataSetArn": buyers},
                "DataTransforms": [
                    {"FilterOperation": {"ConditionExpression": "{Total} > 1000"}},
                    {"RenameColumnOperation": {"ColumnName": "Total", "NewColumnName": "Spent"}},
                    {"ProjectOperation": {"ProjectedColumns": ["Buyer", "Spent", "country"]}},
                ],
            }
        },
        columns=columns("Buyer STRING\nSpent DECIMAL -- In one order\ncountry STRING"),
        name="Key accounts",
        owners=[owner],
    )
    owed = "invoice_id STRING\norder_id INTEGER\namount DECIMAL\ndue_on DATETIME"
    key = "order_id[invoices]"
    boards.add_data_set(
        "invoiced-orders",
        {"invoices": lake(boards, "finance", "invoices", owed)},
        logical={
            "buyers": {"Alias": "buyers", "Source": {"DataSetArn": buyers}},
            "owed": {
                "Alias": "invoices",
                "Source": {"PhysicalTableId": "invoices"},
                "DataTransforms": [{"RenameColumnOperation": {"ColumnName": "order_id", "NewColumnName": key}}],
            },
            "both": {
                "Alias": "both",
                "Source": {
                    "JoinInstruction": {
                        "LeftOperand": "buyers",
                        "RightOperand": "owed",
                        "Type": "INNER",
                        "OnClause": f"{{order_id}} = {{{key}}}",
                    }
                },
                "DataTransforms": [
                    _new("Open share", "{amount} / {Total}"),
                    {"ProjectOperation": {"ProjectedColumns": ["invoice_id", "amount", "due_on", "Open share"]}},
                ],
            },
        },
        columns=columns("invoice_id STRING\namount DECIMAL\ndue_on DATETIME\nOpen share DECIMAL"),
        name='Invoices of orders ("open")',
        owners=[owner],
    )


def _parcels(boards: Boards, owner: str) -> None:
    boards.add_data_set(
        "parcel-delays",
        {"delays": custom_sql(boards, "lake", "delays", _DELAYS, _PARCELS)},
        columns=columns(_PARCELS),
        name="Paketförseningar",
        owners=[owner],
        ImportMode="DIRECT_QUERY",
    )
    values = "SELECT order_id, sum(quantity * unit_price) AS net FROM sales.order_lines GROUP BY order_id"
    boards.add_data_set(
        "order-values",
        {"values": custom_sql(boards, "src10", "values", values)},  # AWS keeps no columns of SQL it never ran
        columns=columns("order_id INTEGER\nnet DECIMAL -- Without VAT"),
        name="Order values",
        owners=[owner],
    )
    fleet = "plate STRING\nkind STRING\nelectric BOOLEAN\nhub_id INTEGER\nmileage_km INTEGER"
    boards.add_data_set(
        "vehicles",
        {"vehicles": relational(boards, "src10", "vehicles", fleet)},
        columns=columns(fleet.replace("BOOLEAN", "INTEGER")),
        name="Vehicles",
        owners=[owner],
    )
    paid = "payment_id STRING\norder_id INTEGER\namount DECIMAL\npaid_at DATETIME"
    boards.add_data_set(
        "payments",
        {"payments": relational(boards, "src1", "payments", paid, within=("staging",))},
        columns=columns(paid),
        name="Payments",
        owners=[owner],
    )


def _of_files(boards: Boards, owner: str) -> None:
    text = "product_id STRING\ncurrency STRING\nprice STRING\nvalid_from STRING"
    files: Row = {
        "DataSourceArn": boards.arn("datasource", "price-files"),
        "UploadSettings": {
            "Format": "CSV",
            "StartFromRow": 1,
            "ContainsHeader": True,
            "TextQualifier": "DOUBLE_QUOTE",
            "Delimiter": ",",
        },
        "InputColumns": columns(text),
    }
    casts = [("price", "DECIMAL", {}), ("valid_from", "DATETIME", {"Format": "yyyy-MM-dd"})]
    transforms = [
        {"CastColumnTypeOperation": {"ColumnName": name, "NewColumnType": kind, **form}} for name, kind, form in casts
    ]
    logical = {"files": {"Alias": "prices", "Source": {"PhysicalTableId": "files"}, "DataTransforms": transforms}}
    boards.add_data_set(
        "price-list",
        {"files": {"S3Source": files}},
        logical=logical,
        columns=columns("product_id STRING\ncurrency STRING\nprice DECIMAL\nvalid_from DATETIME"),
        name="Price list",
        owners=[owner],
    )
    accounts = "Id STRING\nName STRING\nIndustry STRING\nAnnualRevenue DECIMAL"
    table = {
        "DataSourceArn": boards.arn("datasource", "crm"),
        "TablePath": [{"Name": "Account", "Id": "Account"}],
        "InputColumns": columns(accounts),
    }
    boards.add_data_set(
        "crm-accounts",
        {"accounts": {"SaaSTable": table}},
        columns=columns(accounts),
        name="CRM accounts",
        owners=[owner],
    )
    boards.add_data_set(
        "courier-feedback", {}, undescribed="file-upload", name="Feedback of couriers.xlsx", owners=[owner]
    )


def _of_the_new_preparation(boards: Boards, owner: str) -> None:
    boards.add_data_set(
        "promotion-effects", {}, undescribed="new-preparation", name="Effects of promotions", owners=[owner]
    )
    text = "return_id INTEGER\nreason STRING\nrefunded DECIMAL"
    total = {"SimpleAggregation": {"InputColumnName": "refunded", "FunctionType": "SUM"}}
    asset = boards.add_data_set(
        "return-reasons",
        {"returns": lake(boards, "sales", "returns", text)},
        columns=columns("Reason STRING\nRefunds DECIMAL"),
        name="Why parcels come back",
        owners=[owner],
        DataPrepConfiguration={
            "SourceTableMap": {"returns-source": {"PhysicalTableId": "returns"}},
            "TransformStepMap": {
                "take": {"ImportTableStep": {"Alias": "returns", "Source": {"SourceTableId": "returns-source"}}},
                "name": {
                    "RenameColumnsStep": {
                        "Alias": "named",
                        "Source": {"TransformOperationId": "take"},
                        "RenameColumnOperations": [{"ColumnName": "reason", "NewColumnName": "Reason"}],
                    }
                },
                "sum": {
                    "AggregateStep": {
                        "Alias": "by reason",
                        "Source": {"TransformOperationId": "name"},
                        "GroupByColumnNames": ["Reason"],
                        "Aggregations": [
                            {"AggregationFunction": total, "NewColumnName": "Refunds", "NewColumnId": "refunds"}
                        ],
                    }
                },
            },
            "DestinationTableMap": {"out": {"Alias": "reasons", "Source": {"TransformOperationId": "sum"}}},
        },
    )
    del asset.row["LogicalTableMap"]  # what is prepared in the new way has steps in its place


def _new(name: str, expression: str) -> Row:
    column = {"ColumnName": name, "ColumnId": name.lower().replace(" ", "-"), "Expression": expression}
    return {"CreateColumnsOperation": {"Columns": [column]}}


def _note(column: str, text: str) -> Row:
    return {"TagColumnOperation": {"ColumnName": column, "Tags": [{"ColumnDescription": {"Text": text}}]}}
