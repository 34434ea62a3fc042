project_name: "parcels"

constant: LOGISTICS {
  value: "lake.logistics"
  export: none
}
