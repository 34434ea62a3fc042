view: invoices {
  sql_table_name: finance.invoices ;;

  dimension: invoice_id {
    primary_key: yes
    type: string
    sql: ${TABLE}.invoice_id ;;
  }
  dimension: customer_id {
    type: number
    sql: ${TABLE}.customer_id ;;
  }
  dimension: due_on {
    type: date
    convert_tz: no
    sql: ${TABLE}.due_on ;;
  }
  dimension: is_open {
    type: yesno
    sql: ${TABLE}.paid_on IS NULL ;;
  }
  measure: amount {
    type: sum
    sql: ${TABLE}.amount ;;
  }
}
