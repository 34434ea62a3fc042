view: countries {
  sql_table_name: finance.vat_rates ;;

  dimension: country {
    primary_key: yes
    type: string
    map_layer_name: countries
    sql: ${TABLE}.country ;;
  }
}
