view: scans {
  sql_table_name: @{LOGISTICS}.scans ;;

  dimension: scan_id {
    primary_key: yes
    type: string
    sql: ${TABLE}.scan_id ;;
  }
  dimension: parcel_id {
    type: number
    sql: ${TABLE}.parcel_id ;;
  }
  dimension: hub_id {
    type: number
    sql: ${TABLE}.hub_id ;;
  }
  dimension_group: scanned {
    type: time
    timeframes: [time, date]
    sql: ${TABLE}.scanned_at ;;
  }
  measure: count {
    type: count
  }
}

view: hubs {
  sql_table_name: @{LOGISTICS}.hubs ;;

  dimension: hub_id {
    primary_key: yes
    type: number
    sql: ${TABLE}.hub_id ;;
  }
  dimension: town {
    type: string
    sql: ${TABLE}.name ;;
  }
  dimension: place {
    type: location
    sql_latitude: ${TABLE}.lat ;;
    sql_longitude: ${TABLE}.lon ;;
  }
}

view: deliveries {
  sql_table_name: @{LOGISTICS}.deliveries ;;

  dimension: parcel_id {
    type: number
    sql: ${TABLE}.parcel_id ;;
  }
  dimension: outcome {
    type: string
    case: {
      when: {
        sql: ${TABLE}.outcome = 'delivered' ;;
        label: "At the door"
      }
      else: "Elsewhere"
    }
  }
  measure: attempts {
    type: max
    sql: ${TABLE}.attempt ;;
  }
}
