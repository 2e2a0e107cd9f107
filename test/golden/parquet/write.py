"""Writes the files beside this one with pyarrow, the reference implementation: python3 write.py.

One table of ids, lists and labels, in the codecs, encodings, page versions and types that readers meet.
rows.json holds its rows, null where a value is.
"""

import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
ROWS = 40
draw = random.Random(11)


def drawn_id():
    return draw.getrandbits(64) - 2**63


known = [drawn_id() for _ in range(12)]
rows = [
    {
        '129_1': drawn_id(),
        '130_1': None if row % 3 == 0 else row * 7 - 50,
        '150_2_180': None
        if row % 13 == 5
        else [0] * (9 - row % 10) + [draw.choice(known) for _ in range(row % 10)],
        'label_0': [row % 2, 1 - row % 2],
    }
    for row in range(ROWS)
]


def table(ids=pa.int64(), labels=pa.int8(), as_id=lambda value: value, as_label=int):
    def column(name, type, convert):
        def value(raw):
            if isinstance(raw, list):
                return [convert(one) for one in raw]
            return None if raw is None else convert(raw)

        return pa.array([value(row[name]) for row in rows], type)

    return pa.table(
        {
            '129_1': column('129_1', ids, as_id),
            '130_1': column('130_1', pa.int32(), int),
            '150_2_180': column('150_2_180', pa.list_(ids), as_id),
            'label_0': column('label_0', pa.list_(labels), as_label),
        }
    )


def write(name, written=None, **options):
    pq.write_table(table() if written is None else written, HERE / f'{name}.parquet', **options)


small = {'row_group_size': 13, 'data_page_size': 100, 'write_batch_size': 3}
ids = ['129_1', '130_1', '150_2_180.list.element']
for codec in ('none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4'):
    write(codec, compression=codec)
    write(f'{codec}-pages-v2', compression=codec, data_page_version='2.0', **small)
for encoding in ('DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT', 'PLAIN'):
    options = {'use_dictionary': False, 'column_encoding': {name: encoding for name in ids}}
    write(encoding.lower(), **options)
    write(f'{encoding.lower()}-small', write_page_checksum=True, **options, **small)
write('pages-small', **small)
write('unsigned', table(pa.uint64(), as_id=lambda value: value % 2**64))
write('labels-double', table(labels=pa.float64(), as_label=float))
write('labels-boolean', table(labels=pa.bool_(), as_label=bool))
write('labels-boolean-v2', table(labels=pa.bool_(), as_label=bool), data_page_version='2.0')
with pq.ParquetWriter(HERE / 'groups-empty.parquet', table().schema) as writer:
    for start, length in ((0, 0), (0, 9), (9, 0), (9, ROWS), (0, 0)):
        writer.write_table(table().slice(start, length))


def texts(value):
    """Numbers of 64 bits are more than those of JSON."""
    if isinstance(value, list):
        return [str(one) for one in value]
    return None if value is None else str(value)


lines = [json.dumps({name: texts(value) for name, value in row.items()}) for row in rows]
(HERE / 'rows.json').write_text('[\n' + ',\n'.join(lines) + '\n]\n')
