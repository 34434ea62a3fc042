{{ config(materialized='table', alias='eta_predictions') }}
select
    f.parcel_id,
    'baseline' as model,
    max(d.delivered_at) as eta,
    cast(max(d.delivered_at) as date) as day
from {{ ref('parcel_eta_features') }} f
join {{ source('parcels', 'deliveries') }} d on d.parcel_id = f.parcel_id
group by f.parcel_id
