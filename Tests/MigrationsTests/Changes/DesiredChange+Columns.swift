extension DesiredChange {
    /// Columns and tables, on every engine.
    static let columns: [DesiredChange] = [
        DesiredChange("a column", ("note varchar(200)", "note varchar(200), email varchar(80)")),
        DesiredChange(
            "a column that is filled",
            ("note varchar(200)", "note varchar(200), status varchar(10) default 'new' not null")
        ),
        DesiredChange("a column in the middle", ("city varchar(40)", "zip varchar(10), city varchar(40)")),
        DesiredChange("a column at the front", ("customer (id ", "customer (region varchar(10), id ")),
        DesiredChange(
            "several columns",
            ("note varchar(200)", "note varchar(200), email varchar(80), phone varchar(20), weight double precision")
        ),
        DesiredChange(
            "a column in every table",
            ("born date", "born date, seen bigint"),
            ("total decimal(12,2)", "total decimal(12,2), seen bigint"),
            ("word varchar(20) not null", "word varchar(20) not null, seen bigint")
        ),
        DesiredChange("a column less", (", born date", "")),
        DesiredChange("two columns less", (", born date", ""), (", note varchar(200)", "")),
        DesiredChange(
            "a column for another",
            (", born date", ""),
            ("note varchar(200)", "note varchar(200), rate bigint")
        ),
        DesiredChange("a date", ("note varchar(200)", "note varchar(200), due date")),
        DesiredChange("a truth", ("note varchar(200)", "note varchar(200), done boolean default false not null")),
        DesiredChange("a double", ("note varchar(200)", "note varchar(200), weight double precision default 1.5")),
        DesiredChange("a small number", ("note varchar(200)", "note varchar(200), grade smallint default -3")),
        DesiredChange("a text without end", ("note varchar(200)", "note varchar(200), remark text")),
        DesiredChange("a time of day", ("note varchar(200)", "note varchar(200), opens time")),
        DesiredChange(
            "a moment that comes by itself",
            ("note varchar(200)", "note varchar(200), seen timestamp null default current_timestamp")
        ),
        DesiredChange("a longer text", ("city varchar(40)", "city varchar(80)")),
        DesiredChange("a longer text that must be", ("name varchar(100)", "name varchar(120)")),
        DesiredChange("a shorter text", ("note varchar(200)", "note varchar(150)")),
        DesiredChange("a text that loses its end", ("note varchar(200)", "note text")),
        DesiredChange("a wider number", ("total decimal(12,2)", "total decimal(14,4)")),
        DesiredChange("a number with fewer digits", ("total decimal(12,2)", "total decimal(12,1)")),
        DesiredChange("an integer that gets longer", ("customer_id integer", "customer_id bigint")),
        DesiredChange("an integer that becomes a decimal", ("customer_id integer", "customer_id decimal(10,0)")),
        DesiredChange("a number that becomes text", ("customer_id integer", "customer_id varchar(20)")),
        DesiredChange("a date that gets a time", ("born date", "born timestamp null")),
        DesiredChange("NOT NULL", ("city varchar(40)", "city varchar(40) not null")),
        DesiredChange("no NOT NULL", ("name varchar(100) not null", "name varchar(100)")),
        DesiredChange("neither NOT NULL nor default", ("decimal(10,2) default 0 not null", "decimal(10,2)")),
        DesiredChange("another default", ("default 0", "default 5")),
        DesiredChange("a default below zero", ("default 0", "default -1.5")),
        DesiredChange("no default", ("default 0 ", "")),
        DesiredChange("a default", ("city varchar(40)", "city varchar(40) default 'Bern'")),
        DesiredChange("an empty default", ("city varchar(40)", "city varchar(40) default ''")),
        DesiredChange("a default with a quote", ("city varchar(40)", "city varchar(40) default 'O''Brien; --'")),
        DesiredChange(
            "two defaults",
            ("city varchar(40)", "city varchar(40) default 'Bern'"),
            ("born date", "born date default '2000-01-31'")
        ),
        DesiredChange("a table", ("", "create table item (id integer not null primary key, price decimal(8,2))")),
        DesiredChange(
            "two tables that refer to each other's rows",
            ("", "create table region (id integer not null primary key)"),
            (
                "",
                "create table shop (id integer not null primary key, region_id integer, constraint shop_region foreign key (region_id) references region (id))"
            )
        ),
        DesiredChange("a table less", ("create table tag (word varchar(20) not null);\n", "")),
        DesiredChange(
            "a table with all that belongs to it less",
            given: """
                create table region (id integer not null primary key, name varchar(20), constraint region_name unique (name));
                create index region_both on region (name, id)
                """,
            (
                """
                create table region (id integer not null primary key, name varchar(20), constraint region_name unique (name));
                create index region_both on region (name, id);

                """, ""
            )
        ),
        DesiredChange(
            "much at once",
            ("city varchar(40)", "city varchar(60) default 'Bern' not null"),
            ("note varchar(200)", "note varchar(200), email varchar(80)"),
            ("", "create index orders_placed on orders (placed)"),
            ("", "create table item (id integer not null primary key, price decimal(8,2))"),
            ("create table tag (word varchar(20) not null);\n", "")
        ),
        DesiredChange(
            "a generated column",
            ("total decimal(12,2)", "total decimal(12,2), twice decimal(14,2) generated always as (total * 2) stored")
        ),
        DesiredChange(
            "a generated column that is computed in another way",
            given: computed,
            rows: "insert into computed (id, base) values (1, 5)",
            keeps: "select base from computed",
            ("base + 1", "base + 2")
        ),
        DesiredChange(
            "a generated column that becomes a plain one",
            given: computed,
            rows: "insert into computed (id, base) values (1, 5)",
            keeps: "select more from computed",
            (" generated always as (base + 1) stored", "")
        ),
        DesiredChange(
            "a generated column less",
            given: computed,
            (", more integer generated always as (base + 1) stored", "")
        ),
        DesiredChange(
            "a generated column with an index, computed in another way",
            given: "\(computed);\ncreate index computed_more on computed (more)",
            ("base + 1", "base + 2")
        ),
        DesiredChange(
            "a generated column whose base changes its type",
            given: computed,
            rows: "insert into computed (id, base) values (1, 5)",
            keeps: "select more from computed",
            ("base integer", "base bigint"),
            ("more integer", "more bigint")
        ),
        DesiredChange(
            "a column that is not stored",
            given: computed,
            ("(base + 1) stored", "(base + 1) stored, fewer integer generated always as (base - 1) virtual"),
            on: [.sqlite, .mysql, .mariadb, .postgresql18]
        ),
        DesiredChange(
            "a column that is no longer stored",
            given: computed,
            rows: "insert into computed (id, base) values (1, 5)",
            keeps: "select more from computed",
            (" stored", " virtual"),
            on: [.sqlite, .mysql, .mariadb, .postgresql18]
        ),
        DesiredChange(
            "a column that was computed when it was read",
            given: virtual,
            rows: "insert into computed (id, base) values (1, 5)",
            keeps: "select more from computed",
            (" generated always as (base + 1) virtual", ""),
            on: [.sqlite, .mysql, .mariadb, .postgresql18]
        ),
    ]

    private static let virtual = computed.replacing(" stored", with: " virtual")
    private static let computed =
        "create table computed (id integer not null primary key, base integer, more integer generated always as (base + 1) stored)"
}
