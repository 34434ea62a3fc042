connection: "norrpost_athena"
label: "Web shop"
week_start_day: monday

include: "/views/*.view"
include: "/views/facts/**/*.view.lkml"
include: "/views/plain/products.lkml"
include: "/explores/*.explore.lkml"
include: "/refinements/orders.lkml"
include: "/refinements/orders_of_analysts.lkml"
include: "//blocks/views/calendar.view.lkml"
include: "//geo/countries.view"
include: "//parcels/views/parcels.view"
include: "/dashboards/*.dashboard"

datagroup: nightly {
  sql_trigger: SELECT max(order_month) FROM sales.orders ;;
  max_cache_age: "24 hours"
}
persist_with: nightly

explore: customers {
  description: "Customers, each with what they have spent"
  tags: ["personal data"]
  join: customer_facts {
    type: left_outer
    relationship: one_to_one
    sql_on: ${customers.customer_id} = ${customer_facts.customer_id} ;;
  }
}

# The view has another name than the explore
explore: big_spenders {
  view_name: customer_facts
  label: "Big spenders"
  group_label: "Marketing"
  sql_always_where: ${customer_facts.spent} > 1000 ;;
}

explore: price_checks {
  from: prices
  hidden: yes
}

explore: visits {
  from: sessions
  view_label: "Visits"
  description: "Visits of the web shop"
}

# Its view was renamed, and nobody has noticed
explore: old_campaigns {
  view_name: campaigns
}
