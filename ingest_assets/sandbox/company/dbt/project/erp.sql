-- The ERP system, a database of its own.
create schema public;
create table public.price_list as
    select 1::int as product_id, 'SEK' as currency, 12.5::decimal(10, 2) as price, date '2024-01-01' as valid_from;
