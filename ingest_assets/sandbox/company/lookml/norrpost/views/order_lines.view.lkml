view: order_lines {
  sql_table_name: @{SHOP}.order_lines ;;

  dimension: key {
    primary_key: yes
    hidden: yes
    type: string
    sql: concat(cast(${TABLE}.order_id as varchar), '-', cast(${TABLE}.line as varchar)) ;;
  }
  dimension: order_id {
    hidden: yes
    type: number
    sql: ${TABLE}.order_id ;;
  }
  dimension: product_id {
    hidden: yes
    type: number
    sql: ${TABLE}.product_id ;;
  }
  dimension: quantity {
    type: number
    sql: ${TABLE}.quantity ;;
  }
  dimension: unit_price {
    type: number
    sql: ${TABLE}.unit_price ;;
  }
  # Columns of another view
  dimension: weight_g {
    type: number
    sql: ${quantity} * ${products.weight_g} ;;
  }
  measure: net {
    type: sum
    sql: ${quantity} * ${unit_price} ;;
    description: "Without VAT"
  }
}
