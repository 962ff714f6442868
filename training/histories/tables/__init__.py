"""Files to tables of plain values: CSV, JSON Lines and Parquet, gzipped or not.

Knows how bytes become named columns; knows no canonical column, label or ticket.
"""
