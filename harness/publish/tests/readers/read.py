"""Reads an exported CSV and Parquet file with pandas, Polars and DuckDB, and prints what each saw as JSON.

usage: read.py CSV PARQUET
"""

import json
import sys

import duckdb
import pandas
import polars
import pyarrow.parquet

csv, parquet = sys.argv[1:]
seen = {}


def note(reader, rows, names, types, wall_ns, nulls, failed):
    """What a reader saw: rows, names and types of columns, the sum of wall_ns, rows without it, and
    rows that did not go well."""
    seen[reader] = {
        "rows": int(rows),
        "types": dict(zip(names, map(str, types))),
        "wall_ns": int(wall_ns),
        "nulls": int(nulls),
        "failed": int(failed),
    }


for kind, path, read in [("csv", csv, pandas.read_csv), ("parquet", parquet, pandas.read_parquet)]:
    frame = read(path)
    wall = frame["wall_ns"]
    failed = (frame["status"] != "ok").sum()
    note(f"pandas {kind}", len(frame), frame.columns, frame.dtypes, wall.sum(), wall.isna().sum(), failed)

for kind, path, read in [("csv", csv, polars.read_csv), ("parquet", parquet, polars.read_parquet)]:
    frame = read(path)
    wall = frame["wall_ns"]
    failed = (frame["status"] != "ok").sum()
    note(f"polars {kind}", len(frame), frame.columns, frame.dtypes, wall.sum(), wall.null_count(), failed)

for kind, path in [("csv", csv), ("parquet", parquet)]:
    table = duckdb.sql(f"select * from '{path}'")
    query = "select count(*), sum(wall_ns), count(*) - count(wall_ns), count(*) filter (status <> 'ok') from '{}'"
    rows, wall, nulls, failed = duckdb.sql(query.format(path)).fetchall()[0]
    note(f"duckdb {kind}", rows, table.columns, table.types, wall, nulls, failed)

metadata = pyarrow.parquet.read_schema(parquet).metadata or {}
headers = {key.decode(): json.loads(value) for key, value in metadata.items() if key.startswith(b"harness.run.")}
print(json.dumps({"seen": seen, "headers": headers}))
