{{ config(materialized='table') }}
select date_trunc('month', r.received_at) as month, sum(r.refunded) as refunded
from {{ source('shop', 'returns') }} r
group by 1
