-- Empty tables of the lake, as dbt's sources: what dbt reads exists before it runs.
create schema if not exists sales;
create table sales.orders (order_id bigint, customer_id bigint, ordered_at timestamp, status varchar, currency varchar, total decimal(12,2), ship_to struct(name varchar, street varchar), promotion_id int, order_month varchar);
create table sales.order_lines (order_id bigint, line smallint, product_id int, quantity int, unit_price decimal(10,2), vat_rate decimal(4,3), order_month varchar);
create table sales.customers (customer_id bigint, email varchar, name varchar, phone varchar, born_on date, country varchar, created_at timestamp);
create table sales.products (product_id int, sku varchar, name varchar, category varchar, weight_g int, retired boolean);
create table sales.returns (return_id bigint, order_id bigint, line int, reason varchar, refunded decimal(12,2), received_at timestamp);
create schema if not exists clickstream;
create table clickstream.page_views (event_id varchar, session_id varchar, visitor_id varchar, page_url varchar, viewed_at timestamptz, seconds decimal(9,3));
create table clickstream.bots (pattern varchar);
create schema if not exists logistics;
create table logistics.parcels (parcel_id bigint, order_id bigint, weight_kg decimal(9,3), service varchar, created_at timestamp);
create table logistics.scans (scan_id varchar, parcel_id bigint, hub_id int, scanned_at timestamp, kind varchar);
create table logistics.hubs (hub_id int, name varchar, lat double, lon double, capacity int);
create table logistics.deliveries (parcel_id bigint, attempt int, courier_id int, outcome varchar, delivered_at timestamp, delivery_day varchar);
