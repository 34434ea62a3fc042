include: "/views/orders.view"

view: +orders {
  dimension: state {
    label: "Order status"
  }
  dimension: promotion_id {
    type: number
    sql: ${TABLE}.promotion_id ;;
  }
  measure: cancelled {
    type: count
    filters: [state: "cancelled"]
  }
}
