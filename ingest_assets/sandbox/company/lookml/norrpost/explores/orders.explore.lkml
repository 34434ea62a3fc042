# What others build on; it is no explore of its own
explore: order_base {
  extension: required
  view_name: orders
  join: buyer {
    from: customers
    view_label: "Buyer"
    type: left_outer
    relationship: many_to_one
    sql_on: ${orders.customer_id} = ${buyer.customer_id} ;;
  }
}

explore: orders {
  extends: [order_base]
  label: "Orders"
  description: "Orders with buyers, lines, products and returns"
  tags: ["core", "certified"]
  always_filter: {
    filters: [orders.ordered_date: "90 days"]
  }
  join: order_lines {
    type: left_outer
    relationship: one_to_many
    sql_on: ${orders.order_id} = ${order_lines.order_id} ;;
  }
  join: products {
    type: left_outer
    relationship: many_to_one
    sql_on: ${order_lines.product_id} = ${products.product_id} ;;
  }
  join: returns {
    type: left_outer
    relationship: one_to_many
    sql_on: ${orders.order_id} = ${returns.order_id} ;;
  }
  join: order_facts {
    type: left_outer
    relationship: one_to_one
    sql_on: ${orders.order_id} = ${order_facts.order_id} ;;
  }
  join: parcels {
    type: left_outer
    relationship: one_to_many
    sql_on: ${orders.order_id} = ${parcels.order_id} ;;
  }
}

explore: daily_orders {
  join: calendar {
    type: left_outer
    relationship: many_to_one
    sql_on: ${daily_orders.day} = ${calendar.day} ;;
  }
}
