include: "/views/person_base.view"

view: customers {
  extends: [person_base]
  sql_table_name: sales.customers ;;
  tags: ["personal data"]

  dimension: customer_id {
    primary_key: yes
    type: number
    sql: ${TABLE}.customer_id ;;
  }
  dimension: name {
    label: "Full name"
  }
  dimension: country {
    type: string
    map_layer_name: countries
    sql: ${TABLE}.country ;;
  }
  dimension_group: created {
    type: time
    timeframes: [date, month]
    sql: ${TABLE}.created_at ;;
  }
  dimension: wants_newsletter {
    type: yesno
    sql: ${TABLE}.consent.newsletter ;;
  }
  measure: count {
    type: count
  }
}
