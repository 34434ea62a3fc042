{{ config(materialized='table') }}
with views as (
    select * from {{ source('visits', 'page_views') }}
)
select
    session_id,
    visitor_id,
    cast(null as bigint) as customer_id,
    min(viewed_at) as started_at,
    max(viewed_at) as ended_at,
    min(page_url) as landing_url,
    cast(null as varchar) as campaign,
    sum(seconds) > 86400 as is_bot
from views
where visitor_id not in (select pattern from {{ source('visits', 'bots') }})
group by session_id, visitor_id
