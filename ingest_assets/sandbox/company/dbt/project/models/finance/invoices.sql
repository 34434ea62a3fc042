{{ config(materialized='table') }}
select
    cast(order_id as varchar) as invoice_id,
    order_id,
    customer_id,
    cast(ordered_at as date) as issued_on,
    cast(ordered_at as date) + 30 as due_on,
    total as amount,
    currency,
    cast(null as date) as paid_on,
    cast(extract(year from ordered_at) as integer) as fiscal_year
from {{ ref('valid_orders') }}
