"""Moves `bench_move` by dlt with its fastest backend: dlt_peer.py source target folder"""
import sys

import dlt
from dlt.sources.sql_database import sql_table

source, target, folder = sys.argv[1:]
pipeline = dlt.pipeline("bench", pipelines_dir=folder, destination=dlt.destinations.postgres(target), dataset_name="public")
pipeline.run(sql_table(source, table="bench_move", backend="pyarrow", chunk_size=100_000, reflection_level="full_with_precision"),
             write_disposition="replace")
