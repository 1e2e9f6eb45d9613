extension DesiredChange {
    private static let measure = """
        create table measure (at date not null, v integer) partition by range (at);
        create table measure_1 partition of measure for values from ('2024-01-01') to ('2025-01-01')
        """
    private static let document =
        "create table document (id integer primary key, words text[], body jsonb, place point)"
    private static let note =
        "create table note (id integer primary key, a text, b text, constraint note_key unique (a))"
    private static let named = note.replacing(
        "id integer primary key",
        with: "id integer, constraint pk primary key (id)"
    )
    private static let commented =
        "comment on table customer is 'who buys';\ncomment on column customer.name is 'as they write it'"

    /// What only PostgreSQL's tables, keys and indexes have.
    static let postgresqlTables: [DesiredChange] = [
        DesiredChange("a time with its zone", ("placed timestamp null", "placed timestamptz null"), on: postgresqls),
        DesiredChange(
            "a text that becomes a number",
            given: "create table raw (id integer primary key, n text)",
            rows: "insert into raw values (1, '12')",
            keeps: "select n::text from raw",
            ("n text", "n integer"),
            on: postgresqls
        ),
        DesiredChange(
            "a text that becomes JSON",
            given: "create table raw (id integer primary key, n text)",
            rows: "insert into raw values (1, '[1]')",
            keeps: "select n::text from raw",
            ("n text", "n jsonb"),
            on: postgresqls
        ),
        DesiredChange(
            "arrays",
            ("note varchar(200)", "note varchar(200), tags text[] default '{}', grid integer[][]"),
            on: postgresqls
        ),
        DesiredChange(
            "a UUID that comes by itself",
            ("note varchar(200)", "note varchar(200), key uuid default gen_random_uuid()"),
            on: postgresqls
        ),
        DesiredChange("a collation", ("note varchar(200)", "note varchar(200) collate \"C\""), on: postgresqls),
        DesiredChange(
            "a collation less",
            given: "create table raw (id integer primary key, n text collate \"C\")",
            (" collate \"C\"", ""),
            on: postgresqls
        ),
        DesiredChange(
            "another way of storing",
            ("", "alter table orders alter column note set storage external"),
            on: postgresqls
        ),
        DesiredChange(
            "other statistics",
            ("", "alter table orders alter column note set statistics 500"),
            on: postgresqls
        ),
        DesiredChange("a comment", ("", "comment on column customer.name is 'as they write it'"), on: postgresqls),
        DesiredChange(
            "another comment",
            given: commented,
            ("as they write it", "it''s their name"),
            ("who buys", "buyers"),
            on: postgresqls
        ),
        DesiredChange("comments less", given: commented, ("\(commented);\n", ""), on: postgresqls),
        DesiredChange(
            "comments on all there is",
            given: """
                create view named as select name from customer;
                create type mood as enum ('sad');
                create domain even as integer;
                create sequence numbers;
                create function one() returns integer language sql as 'select 1'
                """,
            ("", "comment on view named is 'a'"),
            ("", "comment on type mood is 'b'"),
            ("", "comment on domain even is 'c'"),
            ("", "comment on sequence numbers is 'd'"),
            ("", "comment on function one() is 'e'"),
            ("", "comment on index orders_customer is 'f'"),
            ("", "comment on constraint customer_pkey on customer is 'g'"),
            ("", "comment on column named.name is 'h'"),
            on: postgresqls
        ),
        DesiredChange("a table that is not logged", ("", "alter table tag set unlogged"), on: postgresqls),
        DesiredChange(
            "a table with room",
            ("", "alter table orders set (fillfactor = 70, autovacuum_enabled = false)"),
            on: postgresqls
        ),
        DesiredChange("row security", ("", "alter table orders enable row level security"), on: postgresqls),
        DesiredChange(
            "a schema with a table",
            ("", "create schema other"),
            ("", "create table other.item (id integer primary key)"),
            on: postgresqls
        ),
        DesiredChange(
            "a part more",
            given: measure,
            rows: "insert into measure values ('2024-05-06', 1)",
            keeps: "select v from measure",
            ("", "create table measure_2 partition of measure for values from ('2025-01-01') to ('2026-01-01')"),
            on: postgresqls
        ),
        DesiredChange("a table in parts", ("", measure), on: postgresqls),
        DesiredChange(
            "an index of a table in parts",
            given: measure,
            ("", "create index measure_v on measure (v)"),
            on: postgresqls
        ),
        DesiredChange(
            "a column of a table in parts",
            given: measure,
            rows: "insert into measure values ('2024-05-06', 1)",
            keeps: "select v from measure",
            ("v integer", "v integer, w text"),
            on: postgresqls
        ),
        DesiredChange(
            "a table that inherits",
            ("", "create table vip (rank integer) inherits (customer)"),
            on: postgresqls
        ),
        DesiredChange(
            "an exclusion",
            ("total decimal(12,2)", "total decimal(12,2), constraint alone exclude using btree (note with =)"),
            on: postgresqls
        ),
        DesiredChange(
            "a unique key that waits for the end",
            given: note,
            ("unique (a)", "unique (a) deferrable initially deferred"),
            on: postgresqls
        ),
        DesiredChange(
            "a unique key with one NULL",
            given: note,
            ("unique (a)", "unique nulls not distinct (a)"),
            on: postgresqls
        ),
        DesiredChange(
            "a unique key that holds more",
            given: note,
            ("unique (a)", "unique (a) include (b)"),
            on: postgresqls
        ),
        DesiredChange("a key of another name", given: named, ("constraint pk", "constraint note_id"), on: postgresqls),
        DesiredChange(
            "a check that is not inherited",
            ("total decimal(12,2)", "total decimal(12,2), constraint t check (total > 0) no inherit"),
            on: postgresqls
        ),
        DesiredChange(
            "an index that holds more",
            given: note,
            ("", "create index note_a on note (a) include (b)"),
            on: postgresqls
        ),
        DesiredChange(
            "an index that holds less",
            given: "\(note);\ncreate index note_a on note (a) include (b)",
            (" include (b)", ""),
            on: postgresqls
        ),
        DesiredChange(
            "an index with NULL first",
            ("", "create index orders_placed on orders (placed nulls first, total desc nulls last)"),
            on: postgresqls
        ),
        DesiredChange(
            "an index with NULL elsewhere",
            given: "create index orders_placed on orders (placed nulls first)",
            ("nulls first", "nulls last"),
            on: postgresqls
        ),
        DesiredChange(
            "a unique index with one NULL",
            ("", "create unique index orders_note on orders (note) nulls not distinct"),
            on: postgresqls
        ),
        DesiredChange(
            "an index by hashes",
            ("", "create index customer_city on customer using hash (city)"),
            on: postgresqls
        ),
        DesiredChange(
            "an index of another kind",
            given: "create index customer_born on customer using btree (born)",
            ("using btree", "using brin"),
            on: postgresqls
        ),
        DesiredChange(
            "an index into arrays",
            given: document,
            ("", "create index document_words on document using gin (words) with (fastupdate = off)"),
            on: postgresqls
        ),
        DesiredChange(
            "an index into JSON",
            given: document,
            ("", "create index document_body on document using gin (body jsonb_path_ops)"),
            on: postgresqls
        ),
        DesiredChange(
            "an index of places",
            given: document,
            ("", "create index document_place on document using gist (place)"),
            on: postgresqls
        ),
        DesiredChange(
            "an index for patterns",
            ("", "create index customer_name on customer (name text_pattern_ops)"),
            on: postgresqls
        ),
        DesiredChange(
            "an index with a collation",
            ("", "create index customer_name on customer (name collate \"C\")"),
            on: postgresqls
        ),
        DesiredChange(
            "an index with room",
            given: "create index customer_city on customer (city)",
            ("on customer (city)", "on customer (city) with (fillfactor = 60)"),
            on: postgresqls
        ),
        DesiredChange(
            "a key without overlaps",
            (
                "",
                "create table stay (room int4range, during daterange, constraint stay_key primary key (room, during without overlaps))"
            ),
            on: [.postgresql18]
        ),
        DesiredChange(
            "a check that is not enforced",
            ("total decimal(12,2)", "total decimal(12,2), constraint lax check (total > 1000) not enforced"),
            on: [.postgresql18]
        ),
    ]
}
