# Read before the view that it is built on
view: customer_facts {
  derived_table: {
    datagroup_trigger: nightly
    sql:
      SELECT f.customer_id, sum(f.total) AS spent, min(f.first_line) AS first_line
      FROM ${order_facts.SQL_TABLE_NAME} f
      GROUP BY f.customer_id ;;
  }

  dimension: customer_id {
    primary_key: yes
    type: number
    sql: ${TABLE}.customer_id ;;
  }
  dimension: spent {
    type: number
    sql: ${TABLE}.spent ;;
  }
  measure: total_spent {
    type: sum
    sql: ${spent} ;;
  }
}
