{{ config(materialized='table', tags=['ml']) }}
select
    p.parcel_id,
    max(h.lat) - min(h.lat) as distance_km,
    cast(max(s.scanned_at) as date) as as_of
from {{ source('parcels', 'parcels') }} p
join {{ source('parcels', 'scans') }} s on s.parcel_id = p.parcel_id
join {{ source('parcels', 'hubs') }} h on h.hub_id = s.hub_id
group by p.parcel_id
