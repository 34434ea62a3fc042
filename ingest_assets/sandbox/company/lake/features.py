"""Features and predictions of the data science team."""

from __future__ import annotations

from ingest_assets.sandbox.company.glue import GlueCatalogs
from ingest_assets.sandbox.company.shelf import Shelf


def fill(glue: GlueCatalogs) -> None:
    """Add the database ``ml_features``."""
    glue.add_database(
        "ml_features",
        Description="Inputs and outputs of models",
        LocationUri="s3://norrpost-ml/features/",
        Parameters={"team": "data-science"},
    )
    shelf = Shelf(glue, "ml_features", location="s3://norrpost-ml/features")
    shelf.iceberg(
        "customer_features",
        """
            customer_id       bigint     -- Customer
            as_of             date       -- Day of the snapshot
            orders_90d        int        -- Orders in the 90 days before
            spent_90d         double     -- SEK
            favourite         string     -- Category ordered most often
            churn_risk        float      -- 0 to 1
          ~ gender            string     -- Not used since 2024
          ~ postal_code       string     -- Not used since 2024
        """,
        Description="One row a customer and day",
        Owner="data-science",
    )
    shelf.table(
        "parcel_eta_features",
        """
            parcel_id       bigint              -- Parcel
            distance_km     float               -- Between first and last hub
            weather         struct<temp_c:float,wind_ms:float,Snow Depth:float>  -- Along the way
            hub_load        map<int,double>     -- Share of capacity by hub
            embedding       array<float>        -- 64 numbers
        """,
        partitions="as_of date -- Day of the snapshot",
        Description="Inputs of the arrival model",
    )
    shelf.table(
        "eta_predictions",
        """
            parcel_id  bigint                      -- Parcel
            model      string                      -- Name and version
            eta        timestamp with time zone    -- Predicted hand-over
            interval_h array<double>               -- Lower and upper bound, hours
        """,
        partitions="day date -- Day of the prediction",
    )
    shelf.table(
        "feature_registry",
        """
            feature     string
            definition  string      -- SQL
            `Owner Team`  string
            reviewed
            score       double      -- Importance in the last training
        """,
        Description="Written by a job that forgot one type",
    )
    shelf.table(
        "model_cards",
        "model string\ncard struct<>\nmetrics map<string,map<string,double>>\nnotes void\nweights fixed(16)",
        location="s3://norrpost-ml/cards",
    )


def fill_shared(glue: GlueCatalogs) -> None:
    """Add what other accounts own: a weather service shares one database, a road authority shares nothing."""
    glue.add_catalog("210987654321", shared_with=(glue.account,), Description="MeteoNord data exchange")
    glue.add_database("weather", catalog_id="210987654321", Description="Weather observations and forecasts")
    weather = Shelf(glue, "weather", location="s3://meteonord-exchange/weather", catalog_id="210987654321")
    weather.table(
        "observations",
        "station string -- WMO id\nat timestamp -- UTC\ntemp_c float\nwind_ms float\nsnow_cm float",
        partitions="day date -- UTC",
        Description="Hourly measurements",
    )
    weather.table(
        "forecasts",
        "station string -- WMO id\nissued_at timestamp\nvalid_at timestamp\ntemp_c float\nsnow_cm float",
        partitions="day date -- Of issue",
        Description="Two days ahead, four times a day",
    )
    glue.add_catalog("345678901234", Description="Road authority")
    glue.add_database("weather", catalog_id="345678901234")
    roads = Shelf(glue, "weather", location="s3://road-authority/closures", catalog_id="345678901234")
    roads.table("road_closures", "road string\nfrom_km float\nto_km float\nsince timestamp")
    glue.add_database(
        "partner_weather",
        TargetDatabase={"CatalogId": "210987654321", "DatabaseName": "weather", "Region": glue.region},
    )
    _locker_telemetry(glue)


def _locker_telemetry(glue: GlueCatalogs) -> None:
    """An S3 Tables bucket, which Glue mounts as a catalog below the account's own."""
    bucket = f"{glue.account}:s3tablescatalog/locker-telemetry"
    arn = f"arn:aws:s3tables:{glue.region}:{glue.account}:bucket/locker-telemetry"
    glue.add_catalog(
        f"{glue.account}:s3tablescatalog",
        FederatedCatalog={"Identifier": arn.replace("locker-telemetry", "*"), "ConnectionName": "aws:s3tables"},
    )
    glue.add_catalog(bucket, FederatedCatalog={"Identifier": arn, "ConnectionName": "aws:s3tables"})
    glue.add_database("devices", catalog_id=bucket, Description="Parcel lockers and their doors")
    shelf = Shelf(glue, "devices", location="s3://locker-telemetry--table-s3", catalog_id=bucket)
    shelf.iceberg(
        "door_events",
        "locker_id string -- Locker\ndoor int -- From 1\nopened_at timestamp -- UTC\nparcel_id bigint -- Parcel",
    )
