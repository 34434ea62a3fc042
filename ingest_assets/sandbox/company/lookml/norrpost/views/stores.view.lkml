# No explore shows it
view: stores {
  # Without sql_table_name the table has the view's name

  dimension: store_id {
    primary_key: yes
    type: number
  }
  dimension: city {
    type: string
    sql: ${TABLE}.city ;;
  }
}
