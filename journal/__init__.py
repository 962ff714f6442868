"""The one database: tickets as scored, predictions, promotions and settings."""
