{{ config(materialized='ephemeral') }}
select order_id, customer_id, ordered_at, status, currency, total, order_month
from {{ source('shop', 'orders') }}
where status <> 'cancelled'
