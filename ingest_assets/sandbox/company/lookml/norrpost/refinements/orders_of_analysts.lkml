include: "/refinements/orders.lkml"

# Later than the other refinement: what is said here stands
view: +orders {
  dimension: state {
    group_label: "Lifecycle"
    description: "Where the order is"
  }
  measure: cancelled {
    label: "Cancelled orders"
    description: "Orders that never left"
  }
}
