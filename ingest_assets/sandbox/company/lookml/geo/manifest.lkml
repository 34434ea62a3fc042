project_name: "geo"
