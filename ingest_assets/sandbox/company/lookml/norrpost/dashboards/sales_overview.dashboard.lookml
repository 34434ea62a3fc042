- dashboard: sales_overview
  title: Sales overview
  description: What the shop sold, kept with the code
  layout: newspaper
  preferred_viewer: dashboards-next
  elements:
  - title: Revenue by month
    name: revenue_by_month
    model: shop
    explore: orders
    type: looker_line
    fields: [orders.ordered_month, orders.revenue]
    sorts: [orders.ordered_month]
    limit: 24
    row: 0
    col: 0
    width: 16
    height: 8
  - title: Orders by status
    name: orders_by_status
    model: shop
    explore: orders
    type: looker_pie
    fields: [orders.state, orders.count]
    row: 0
    col: 16
    width: 8
    height: 8
  filters:
  - name: Status
    title: Status
    type: field_filter
    model: shop
    explore: orders
    field: orders.state
