{{ config(materialized='table') }}
select
    i.invoice_id,
    l.line,
    p.name as text,
    l.quantity * l.unit_price as amount,
    l.quantity * l.unit_price * v.rate as vat,
    i.fiscal_year
from {{ ref('invoices') }} i
join {{ source('shop', 'order_lines') }} l on l.order_id = i.order_id
join {{ source('shop', 'products') }} p on p.product_id = l.product_id
join {{ ref('vat_rates') }} v on v.kind = 'standard'
