view: orders {
  sql_table_name: "@{LAKE}"."@{SHOP}"."orders" ;;
  label: "Orders"

  parameter: grain {
    type: unquoted
    default_value: "month"
    allowed_value: { label: "Month" value: "month" }
    allowed_value: { label: "Day" value: "day" }
  }

  dimension: order_id {
    primary_key: yes
    type: number
    description: "Number on the receipt"
    sql: ${TABLE}.order_id ;;
  }
  dimension: customer_id {
    hidden: yes
    type: number
    sql: ${TABLE}.customer_id ;;
  }
  # Another name than the column's
  dimension: state {
    type: string
    label: "Status"
    description: "placed, paid, packed, sent, returned or cancelled"
    tags: ["lifecycle"]
    sql: ${TABLE}.status ;;
  }
  dimension_group: ordered {
    type: time
    timeframes: [raw, time, date, week, month, quarter, year]
    description: "When it was placed"
    sql: ${TABLE}.ordered_at ;;
  }
  dimension: chosen_grain {
    type: string
    sql: {% if grain._parameter_value == 'day' %} ${ordered_date} {% else %} ${ordered_month} {% endif %} ;;
  }
  dimension: currency {
    type: string
    sql: ${TABLE}."currency" ;;
  }
  dimension: total {
    hidden: yes
    type: number
    sql: ${TABLE}.total ;;
  }
  dimension: is_large {
    type: yesno
    sql: ${total} > 1000 ;;
  }
  dimension: size {
    type: tier
    tiers: [50, 200, 1000]
    style: integer
    sql: ${total} ;;
  }
  dimension_group: until_return {
    type: duration
    intervals: [day, week]
    sql_start: ${ordered_raw} ;;
    sql_end: ${returns.received_raw} ;;
  }

  measure: count {
    type: count
    drill_fields: [detail*]
  }
  measure: revenue {
    type: sum
    description: "With VAT"
    sql: ${total} ;;
    value_format_name: decimal_2
  }
  measure: average_order {
    type: number
    sql: 1.0 * ${revenue} / nullif(${count}, 0) ;;
  }
  measure: buyers {
    type: count_distinct
    sql: ${customer_id} ;;
  }

  set: detail {
    fields: [order_id, state, ordered_time, revenue]
  }
}
