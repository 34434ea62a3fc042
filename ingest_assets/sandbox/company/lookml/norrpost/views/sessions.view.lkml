view: sessions {
  derived_table: {
    sql:
      SELECT s.session_id, s.customer_id, s.campaign, s.started_at, s.ended_at
      FROM clickstream.sessions s
      WHERE {% condition started %} s.started_at {% endcondition %}
        {% if campaign_filter._is_filtered %} AND {% condition campaign_filter %} s.campaign {% endcondition %} {% endif %}
        AND NOT s.is_bot ;;
  }

  filter: started {
    type: date
  }
  filter: campaign_filter {
    type: string
    suggest_dimension: sessions.campaign
  }
  dimension: session_id {
    primary_key: yes
    type: string
    sql: ${TABLE}.session_id ;;
  }
  dimension: customer_id {
    type: number
    sql: ${TABLE}.customer_id ;;
  }
  dimension: campaign {
    type: string
    sql: ${TABLE}.campaign ;;
  }
  dimension_group: begun {
    type: time
    timeframes: [time, date]
    sql: ${TABLE}.started_at ;;
  }
  measure: count {
    type: count
  }
}
