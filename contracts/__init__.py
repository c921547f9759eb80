"""What crosses the wire: messages declared once, one module per service; no behaviour."""
