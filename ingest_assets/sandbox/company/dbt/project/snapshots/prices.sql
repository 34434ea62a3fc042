{% snapshot prices %}
{{ config(target_schema='sales', unique_key='product_id', strategy='check', check_cols=['price']) }}
select product_id, currency, price, valid_from from {{ source('erp', 'price_list') }}
{% endsnapshot %}
