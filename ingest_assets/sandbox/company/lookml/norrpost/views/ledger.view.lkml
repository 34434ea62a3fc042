view: ledger {
  # Each company of the group has a schema of its own
  sql_table_name: {{ _user_attributes['ledger_schema'] }}.ledger_entries ;;

  dimension: entry_id {
    primary_key: yes
    type: number
    sql: ${TABLE}.entry_id ;;
  }
  dimension: account_no {
    type: number
    sql: ${TABLE}.account_no ;;
  }
  dimension_group: booked {
    type: time
    timeframes: [date, month]
    sql: ${TABLE}.booked_at ;;
  }
  measure: balance {
    type: sum
    sql: ${TABLE}.debit - ${TABLE}.credit ;;
  }
}
