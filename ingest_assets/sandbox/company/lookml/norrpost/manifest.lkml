project_name: "norrpost"

# Where the lake's tables are
constant: LAKE {
  value: "awsdatacatalog"
  export: override_optional
}
constant: SHOP {
  value: "sales"
  export: override_optional
}

local_dependency: {
  project: "parcels"
}

remote_dependency: blocks {
  url: "https://github.com/norrpost/looker-blocks"
  ref: "v1.4.0"
  override_constant: CALENDAR_SCHEMA {
    value: "finance"
  }
}

remote_dependency: geo {
  url: "https://github.com/norrpost/looker-geo.git"
  ref: "main"
}
