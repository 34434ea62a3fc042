view: order_facts {
  derived_table: {
    datagroup_trigger: nightly
    sql:
      SELECT o.order_id, o.customer_id, o.total, count(*) AS line_count, min(l.line) AS first_line
      FROM @{LAKE}.@{SHOP}.orders o
      JOIN sales.order_lines l ON l.order_id = o.order_id
      GROUP BY o.order_id, o.customer_id, o.total ;;
  }

  dimension: order_id {
    primary_key: yes
    hidden: yes
    type: number
    sql: ${TABLE}.order_id ;;
  }
  dimension: customer_id {
    hidden: yes
    type: number
    sql: ${TABLE}.customer_id ;;
  }
  dimension: line_count {
    type: number
    sql: ${TABLE}.line_count ;;
  }
}
