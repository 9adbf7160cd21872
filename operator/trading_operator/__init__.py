"""The operator: one TradingSystem becomes a running platform, one Strategy becomes signals."""
