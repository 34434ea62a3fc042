view: calendar {
  derived_table: {
    sql: SELECT DISTINCT day, currency, rate FROM @{CALENDAR_SCHEMA}.exchange_rates ;;
  }

  dimension: day {
    primary_key: yes
    type: date
    convert_tz: no
    sql: ${TABLE}.day ;;
  }
  dimension: rate {
    type: number
    sql: ${TABLE}.rate ;;
  }
}
