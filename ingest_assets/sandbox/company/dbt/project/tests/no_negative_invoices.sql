select * from {{ ref('invoices') }} where amount < 0
