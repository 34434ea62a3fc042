connection: "norrpost_trino"
label: "Parcels"

include: "/views/*.view.lkml"

explore: parcels {
  description: "Parcels with their scans and attempts to deliver them"
  join: scans {
    type: left_outer
    relationship: one_to_many
    sql_on: ${parcels.parcel_id} = ${scans.parcel_id} ;;
  }
  join: first_hub {
    from: hubs
    type: left_outer
    relationship: many_to_one
    sql_on: ${scans.hub_id} = ${first_hub.hub_id} ;;
  }
  join: deliveries {
    type: left_outer
    relationship: one_to_many
    sql_on: ${parcels.parcel_id} = ${deliveries.parcel_id} ;;
  }
}
