{{ config(materialized='view') }}
select
    cast(s.started_at as date) as day,
    s.campaign,
    count(*) as sessions,
    count(distinct o.customer_id) as buyers
from {{ ref('sessions') }} s
left join {{ ref('valid_orders') }} o
    on o.customer_id = s.customer_id and cast(o.ordered_at as date) = cast(s.started_at as date)
where not s.is_bot
group by 1, 2
