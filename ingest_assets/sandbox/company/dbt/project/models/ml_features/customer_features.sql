{{ config(materialized='incremental', unique_key='customer_id', tags=['daily', 'ml']) }}
with spent as (
    select o.customer_id, count(*) as orders_90d, sum(o.total) as spent_90d, max(p.category) as favourite
    from {{ ref('valid_orders') }} o
    join {{ source('shop', 'order_lines') }} l on l.order_id = o.order_id
    join {{ source('shop', 'products') }} p on p.product_id = l.product_id
    group by o.customer_id
)
select
    c.customer_id,
    current_date as as_of,
    coalesce(s.orders_90d, 0) as orders_90d,
    cast(s.spent_90d as double) as spent_90d,
    s.favourite,
    case when s.orders_90d is null then 1 else 0 end as churn_risk
from {{ source('shop', 'customers') }} c
left join spent s on s.customer_id = c.customer_id
