"""Events of AWS that tell what has changed in a catalog, by a queue that EventBridge feeds."""
