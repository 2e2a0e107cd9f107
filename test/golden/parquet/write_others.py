"""Writes the rows of rows.json with DuckDB and Polars: python3 write_others.py, after write.py."""

import json
from pathlib import Path

import duckdb
import polars

HERE = Path(__file__).parent


def numbers(value):
    if isinstance(value, list):
        return [int(one) for one in value]
    return None if value is None else int(value)


rows = [
    {name: numbers(value) for name, value in row.items()}
    for row in json.loads((HERE / 'rows.json').read_text())
]
schema = {
    '129_1': polars.Int64,
    '130_1': polars.Int32,
    '150_2_180': polars.List(polars.Int64),
    'label_0': polars.List(polars.Int8),
}
table = polars.DataFrame(rows, schema)
table.write_parquet(HERE / 'polars.parquet')
table.write_parquet(HERE / 'polars-small.parquet', row_group_size=13, data_page_size=100)
arrow = table.to_arrow()
for version in ('V1', 'V2'):
    path = HERE / f'duckdb-{version.lower()}.parquet'
    duckdb.sql(f"COPY (SELECT * FROM arrow) TO '{path}' (FORMAT parquet, PARQUET_VERSION {version})")
