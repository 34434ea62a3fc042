# No model includes it
view: stores {
  sql_table_name: sales.stores ;;

  dimension: store_id {
    primary_key: yes
    type: number
    sql: ${TABLE}.store_id ;;
  }
  dimension: city {
    type: string
    sql: ${TABLE}.city ;;
  }
}
