project_name: "blocks"

constant: CALENDAR_SCHEMA {
  value: "calendar_demo"
  export: override_required
}
