# A view in a file that is named neither view nor model
view: products {
  # No sql_table_name: the table has the view's name, in the schema of the connection
  dimension: product_id {
    primary_key: yes
    type: number
    sql: ${TABLE}.product_id ;;
  }
  dimension: sku {
    label: "Article number"
    type: string
    sql: ${TABLE}.sku ;;
  }
  dimension: name {
    type: string
    sql: ${TABLE}.name ;;
    link: {
      label: "Shop"
      url: "https://shop.norrpost.example/p/{{ sku._value }}"
    }
  }
  dimension: category {
    type: string
    sql: ${TABLE}.category ;;
  }
  dimension: weight_g {
    type: number
    sql: ${TABLE}.weight_g ;;
  }
}
