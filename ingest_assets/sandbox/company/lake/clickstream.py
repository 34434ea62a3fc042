"""Clicks of the web shop: from the stream ``clicks`` through Firehose into the lake."""

from __future__ import annotations

from ingest_assets.sandbox.company.formats import AVRO, CSV, JSON
from ingest_assets.sandbox.company.glue import GlueCatalogs
from ingest_assets.sandbox.company.shelf import LAKE, Shelf


def fill(glue: GlueCatalogs) -> None:
    """Add the database ``clickstream``."""
    glue.add_database(
        "clickstream",
        Description="What visitors of the web shop do, from raw clicks to sessions",
        LocationUri=f"{LAKE}/clickstream/",
        Parameters={"team": "web"},
    )
    shelf = Shelf(glue, "clickstream")
    _files(shelf)
    _sessions(shelf)
    _views(shelf)


def _files(shelf: Shelf) -> None:
    shelf.table(
        "clicks_raw",
        """
            event_id     string                           -- Unique id, made in the browser
            event_type   string                           -- view, click, search, add_to_cart or purchase
            occurred_at  string                           -- When, ISO 8601, clock of the browser
            received_at  timestamp                        -- When, clock of the collector
            visitor_id   string                           -- Cookie
            page         struct<url:string,title:string,Referrer:string>  -- Page the visitor was on
            device       struct<Type:string,OS Version:string,screen:struct<width:int,height:int>>
            properties   map<string,string>               -- Whatever the event brings along
        """,
        partitions="""
            year   string -- UTC, of arrival
            month  string
            day    string
            hour   string
        """,
        form=JSON,
        parameters={
            "projection.enabled": "true",
            "projection.year.type": "integer",
            "projection.year.range": "2023,2035",
            "compressionType": "gzip",
        },
        Description="Clicks as Firehose delivers them from the Kinesis stream clicks",
        Owner="web",
    )
    shelf.table(
        "clicks",
        """
            event_id     string     -- Unique id, made in the browser
            event_type   string     -- view, click, search, add_to_cart or purchase
            occurred_at  timestamp  -- When, UTC, corrected for wrong browser clocks
            visitor_id   string     -- Cookie
            customer_id  bigint     -- Customer, once logged in
            page_url     string     -- Page without query
            product_id   int        -- Product the event is about
            dt           date       -- Day of the event
        """,
        partitions="dt date -- Day of the event",
        parameters={"recordCount": "81233470", "averageRecordSize": "121", "compressionType": "snappy"},
        Description="Clicks, cleaned and without duplicates",
        Owner="web",
    )
    shelf.table(
        "ab_assignments",
        """
            visitor_id  string     -- Cookie
            experiment  string     -- Name of the experiment
            variant     char(1)    -- A or B
            since       timestamp  -- First time the visitor saw it
            answer      uniontype<int,double,string>  -- Value of the metric, in the experiment's own type
        """,
        form=AVRO,
        Description="Who saw which variant of which experiment",
    )
    shelf.table(
        "bots",
        """
            user_agent  string  -- Pattern
            name        string  -- Who runs it
        """,
        form=CSV,
        parameters={"skip.header.line.count": "1", "recordCount": "412"},
    )


def _sessions(shelf: Shelf) -> None:
    shelf.iceberg(
        "page_views",
        """
            event_id     string                    -- Unique id, made in the browser
            session_id   string                    -- Session the view belongs to
            visitor_id   string                    -- Cookie
            page_url     string                    -- Page without query
            viewed_at    timestamp with time zone  -- When
            seconds      decimal(9,3)              -- How long the page was visible
          ~ campaign     string                    -- Replaced by sessions.campaign
        """,
        Description="One row a page view",
    )
    shelf.iceberg(
        "sessions",
        """
            session_id   string         -- Visitor and start
            visitor_id   string         -- Cookie
            customer_id  bigint         -- Customer, if one logged in
            started_at   timestamp      -- First event, UTC
            ended_at     timestamp      -- Last event, UTC
            landing_url  string         -- First page
            campaign     string         -- utm_campaign of the first page
            pages        array<struct<url:string,at:timestamp,seconds:double>>  -- Pages in order
            is_bot       boolean        -- Matched a pattern in bots
        """,
        word="iceberg",
        Description="Visits: events of one visitor without a gap of 30 minutes",
        Owner="web",
    )
    shelf.table(
        "searches",
        """
            event_id     string         -- Unique id
            visitor_id   string         -- Cookie
            term         varchar(200)   -- What was typed, in lower case
            hits         int            -- Products found
            clicked      array<int>     -- Products that were then opened, in order
        """,
        partitions="dt date -- Day of the search",
    )


def _views(shelf: Shelf) -> None:
    shelf.presto_view(
        "daily_sessions",
        """
            day         date
            campaign    string
            sessions    bigint
            buyers      bigint
        """,
        "SELECT date(s.started_at) AS day, s.campaign, count(*) AS sessions,\n"
        "       count(DISTINCT o.customer_id) AS buyers\n"
        "FROM clickstream.sessions s\n"
        "LEFT JOIN sales.orders o ON o.customer_id = s.customer_id AND date(o.ordered_at) = date(s.started_at)\n"
        "WHERE NOT s.is_bot\nGROUP BY 1, 2",
        Description="Visits and buyers a day and campaign",
    )
    shelf.presto_view(
        "conversion_by_campaign",
        """
            campaign    string
            sessions    bigint
            buyers      bigint
            conversion  double
        """,
        "WITH daily AS (SELECT * FROM daily_sessions)\n"
        "SELECT campaign, sum(sessions) AS sessions, sum(buyers) AS buyers,\n"
        "       CAST(sum(buyers) AS double) / nullif(sum(sessions), 0) AS conversion\n"
        "FROM daily GROUP BY campaign",
        Description="Share of visits that end in an order; a view on a view",
    )
