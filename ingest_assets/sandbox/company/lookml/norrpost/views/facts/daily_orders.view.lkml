view: daily_orders {
  derived_table: {
    explore_source: orders {
      column: day { field: orders.ordered_date }
      column: status { field: orders.state }
      column: revenue {}
      derived_column: running {
        sql: sum(revenue) OVER (ORDER BY day) ;;
      }
      filters: [orders.state: "-cancelled"]
    }
  }

  dimension: day {
    type: date
    sql: ${TABLE}.day ;;
  }
  dimension: status {
    type: string
    sql: ${TABLE}.status ;;
  }
  dimension: running {
    type: number
    sql: ${TABLE}.running ;;
  }
  measure: revenue {
    type: sum
    sql: ${TABLE}.revenue ;;
  }
}
