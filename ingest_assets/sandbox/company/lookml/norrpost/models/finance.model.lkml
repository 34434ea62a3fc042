connection: "norrpost_athena"
label: "Finance"

include: "/views/invoices.view"
include: "/views/ledger.view"
include: "/views/returns.view"
include: "/views/customers.view"
include: "/views/person_base.view"

# Small enough to live here
view: payouts {
  sql_table_name: finance.payouts ;;

  dimension: payout_id {
    primary_key: yes
    type: string
    sql: ${TABLE}.payout_id ;;
  }
  dimension: provider {
    type: string
    sql: ${TABLE}.provider ;;
    description: "Card acquirer"
  }
  dimension: arrived_on {
    type: date
    convert_tz: no
    datatype: date
    sql: ${TABLE}.arrived_on ;;
  }
  measure: net {
    type: sum
    sql: ${TABLE}.gross - ${TABLE}.fees ;;
    value_format_name: decimal_2
  }
}

explore: payouts {}

explore: invoices {
  join: debtor {
    from: customers
    type: left_outer
    relationship: many_to_one
    sql_on: ${invoices.customer_id} = ${debtor.customer_id} ;;
  }
}

explore: ledger {
  label: "General ledger"
}

explore: refunds {
  view_name: returns
}
