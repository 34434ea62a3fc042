"""Amazon QuickSight: dashboards, analyses, their visuals, and the data sets behind them."""
