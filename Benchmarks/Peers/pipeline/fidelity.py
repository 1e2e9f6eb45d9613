"""Whether the table that came out is the one that went in: types, NOT NULL, the primary key, NULLs, character set, and every value."""

FLOATS = {"double precision", "double"}
# What each column may have become without loss.
TYPES = {"id": {"bigint"}, "name": {"text", "longtext"}, "price": FLOATS, "quantity": {"integer", "int"}, "note": {"text", "longtext"},
         "at": {"timestamp with time zone", "timestamp(6) with time zone", "timestamp(6)"}}
# SQLite's integers have 64 bits, and its timestamps no zone.
SQLITE = {"quantity": {"bigint"}, "at": {"timestamp without time zone", "timestamp(6) without time zone"}}
NOT_NULL = {"id", "name", "price", "quantity", "at"}

COLUMNS = """
    select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, 'utf8mb4', exists (
        select from pg_index i where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey))
    from pg_attribute a where a.attrelid = 'bench_move'::regclass and a.attnum > 0 and not a.attisdropped"""
MARIADB_COLUMNS = """
    select column_name, if(data_type in ('bigint', 'int'), data_type, column_type), if(is_nullable = 'NO', 't', 'f'),
        coalesce(character_set_name, 'utf8mb4'), if(column_key = 'PRI', 't', 'f')
    from information_schema.columns where table_schema = database() and table_name = 'bench_move'"""
# Of any types, as the values of the source's types.
VALUES = """
    select count(*), count(note), count(*) filter (where note::text = ''), sum(id::bigint),
        sum(hashtextextended(concat_ws('|', id::bigint, name, price::float8, quantity::bigint, to_char(at::timestamp, 'YYYY-MM-DD HH24:MI:SS.US'),
                                       coalesce('=' || note, '-')), 0)::numeric)
    from bench_move"""
MARIADB_VALUES = """
    select count(*), count(note), sum(note = ''), sum(id),
        sum(crc32(concat_ws('|', id, convert(name using utf8mb4), cast(price as double), quantity, cast(at as datetime(6)),
                            coalesce(concat('=', convert(note using utf8mb4)), '-'))))
    from bench_move"""


def differences(work, target, source):
    """The number of rows that came out, and what is not as it was, in words."""
    found = {}
    for name, type, not_null, character_set, is_key in target.query(COLUMNS if target.is_postgresql else MARIADB_COLUMNS):
        if not name.startswith("_"):
            found[name] = type, not_null == "t", character_set, is_key == "t"
    expected = TYPES | (SQLITE if work == "sqlite_to_pg" else {})
    words = []
    for name, types in expected.items():
        if name not in found:
            words.append(f"{name} is missing")
            continue
        type, not_null, character_set, _ = found[name]
        if type not in types:
            words.append(f"{name} is {type}")
        if character_set != "utf8mb4":
            words.append(f"{name} is in {character_set}")
        if not not_null and name in NOT_NULL:
            words.append(f"{name} may be NULL")
    if extra := sorted(set(found) - set(expected)):
        words.append(f"columns more: {', '.join(extra)}")
    if [name for name, column in found.items() if column[3]] != ["id"]:
        words.append("no primary key")
    values, wanted = ((server.query(VALUES if server.is_postgresql else MARIADB_VALUES)[0]) for server in (target, source))
    if values[1] != wanted[1]:
        words.append(f"{wanted[1]} notes became {values[1]}, {values[2]} of them empty")
    elif values != wanted:
        words.append("values differ")
    return int(values[0]), words
