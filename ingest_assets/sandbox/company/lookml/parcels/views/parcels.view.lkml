view: parcels {
  sql_table_name: logistics.parcels ;;

  dimension: parcel_id {
    primary_key: yes
    type: number
    description: "Number in the barcode"
    sql: ${TABLE}.parcel_id ;;
  }
  dimension: order_id {
    type: number
    sql: ${TABLE}.order_id ;;
  }
  dimension: service {
    type: string
    sql: ${TABLE}.service ;;
  }
  dimension_group: labelled {
    type: time
    timeframes: [date, hour_of_day]
    sql: ${TABLE}.created_at ;;
  }
  measure: weight {
    type: average
    sql: ${TABLE}.weight_kg ;;
  }
}
