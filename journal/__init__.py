"""The one database: tickets as scored, predictions, what people said of them, promotions and settings."""
