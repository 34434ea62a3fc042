view: prices {
  derived_table: {
    sql:
      SELECT product_id, currency, price, valid_from
      FROM
        -- if prod -- sales.prices
        -- if dev -- dev_sales.prices_sample
      WHERE price > 0 ;;
  }

  dimension: product_id {
    type: number
    sql: ${TABLE}.product_id ;;
  }
  dimension: currency {
    type: string
    sql: ${TABLE}.currency ;;
  }
  dimension: price {
    type: number
    sql: ${TABLE}.price ;;
  }
  dimension: valid_from {
    type: date
    convert_tz: no
    sql: ${TABLE}.valid_from ;;
  }
}
