view: person_base {
  extension: required

  dimension: email {
    type: string
    tags: ["pii"]
    sql: ${TABLE}.email ;;
  }
  dimension: name {
    type: string
    label: "Name"
    tags: ["pii"]
    sql: ${TABLE}.name ;;
  }
  dimension: initial {
    type: string
    sql: substr(${name}, 1, 1) ;;
  }
}
