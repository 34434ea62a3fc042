view: returns {
  sql_table_name: {% if _model._name == 'finance' %} "awsdatacatalog".sales.returns {% else %} sales.returns {% endif %} ;;

  dimension: return_id {
    primary_key: yes
    type: number
    sql: ${TABLE}.return_id ;;
  }
  dimension: order_id {
    type: number
    sql: ${TABLE}.order_id ;;
  }
  dimension: reason {
    type: string
    sql: ${TABLE}.reason ;;
  }
  dimension_group: received {
    type: time
    timeframes: [raw, date, month]
    sql: ${TABLE}.received_at ;;
  }
  measure: refunded {
    type: sum
    sql: ${TABLE}.refunded ;;
  }
}
