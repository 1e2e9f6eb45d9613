extension DesiredChange {
    private static let invoice = """
        create table invoice (id integer not null primary key, order_id integer, kind varchar(10), \
        constraint invoice_order foreign key (order_id) references orders (id))
        """
    private static let invoiceRows = "insert into invoice values (1, 2, 'b')"
    private static let seat = """
        create table seat (id integer not null primary key, line integer, place integer, constraint seat_key unique (line, place))
        """
    private static let stock = """
        create table stock (id integer not null primary key, amount integer, reserve integer, constraint stock_check check (amount >= 0))
        """
    private static let reserved = stock.replacing("reserve integer", with: "reserve integer check (reserve < 1000)")
    private static let code = """
        create table code (word varchar(20) not null, n integer not null, constraint code_key primary key (word))
        """

    /// Keys and checks, on every engine.
    static let keys: [DesiredChange] = [
        DesiredChange(
            "a foreign key",
            (
                "total decimal(12,2)",
                "total decimal(12,2), constraint orders_fk foreign key (customer_id) references customer (id)"
            )
        ),
        DesiredChange(
            "a foreign key that cascades",
            (
                "total decimal(12,2)",
                "total decimal(12,2), constraint orders_fk foreign key (customer_id) references customer (id) on delete cascade"
            )
        ),
        DesiredChange(
            "a foreign key less",
            given: invoice,
            rows: invoiceRows,
            keeps: "select kind from invoice",
            (", constraint invoice_order foreign key (order_id) references orders (id)", "")
        ),
        DesiredChange(
            "a foreign key that cascades now",
            given: invoice,
            rows: invoiceRows,
            keeps: "select kind from invoice",
            ("references orders (id)", "references orders (id) on delete cascade")
        ),
        DesiredChange(
            "a foreign key that sets NULL",
            given: invoice,
            rows: invoiceRows,
            ("references orders (id)", "references orders (id) on delete set null")
        ),
        DesiredChange(
            "a foreign key that follows",
            given: invoice,
            ("references orders (id)", "references orders (id) on update cascade")
        ),
        DesiredChange(
            "a foreign key of another name",
            given: invoice,
            rows: invoiceRows,
            keeps: "select kind from invoice",
            ("constraint invoice_order", "constraint invoice_of_order")
        ),
        DesiredChange(
            "a foreign key to another table",
            given: invoice,
            rows: invoiceRows,
            ("references orders (id)", "references customer (id)")
        ),
        DesiredChange(
            "a table that refers to itself",
            (
                "",
                "create table part (id integer not null primary key, parent integer, constraint part_parent foreign key (parent) references part (id))"
            )
        ),
        DesiredChange(
            "a foreign key of two columns",
            given: "create table shelf (a integer not null, b integer not null, primary key (a, b))",
            (
                "",
                "create table book (id integer not null primary key, x integer, y integer, constraint book_shelf foreign key (x, y) references shelf (a, b))"
            )
        ),
        DesiredChange(
            "two tables that refer to each other",
            ("", "create table left_one (id integer not null primary key, r integer)"),
            (
                "",
                "create table right_one (id integer not null primary key, l integer, constraint to_left foreign key (l) references left_one (id))"
            ),
            ("", "alter table left_one add constraint to_right foreign key (r) references right_one (id)"),
            on: servers
        ),
        DesiredChange(
            "a foreign key that waits for the end",
            given: invoice,
            rows: invoiceRows,
            ("references orders (id)", "references orders (id) deferrable initially deferred"),
            on: notMySQL
        ),
        DesiredChange("a unique key", ("default 0 not null", "default 0 not null, constraint name_key unique (name)")),
        DesiredChange(
            "a unique key of two columns",
            ("default 0 not null", "default 0 not null, constraint name_key unique (name, city)")
        ),
        DesiredChange("a unique key less", given: seat, (", constraint seat_key unique (line, place)", "")),
        DesiredChange("a unique key over other columns", given: seat, ("unique (line, place)", "unique (place, id)")),
        DesiredChange("a unique key of another name", given: seat, ("constraint seat_key", "constraint seat_place")),
        DesiredChange(
            "a check",
            ("default 0 not null", "default 0 not null, constraint credit_check check (credit >= 0)")
        ),
        DesiredChange(
            "a check less",
            given: stock,
            rows: "insert into stock values (1, 5, 0)",
            works: "insert into stock values (2, -5, 0)",
            (", constraint stock_check check (amount >= 0)", "")
        ),
        DesiredChange(
            "a check that says another thing",
            given: stock,
            rows: "insert into stock values (1, 5, 0)",
            works: "insert into stock values (2, -5, 0)",
            ("amount >= 0", "amount > -9")
        ),
        DesiredChange("a check of another name", given: stock, ("constraint stock_check", "constraint stock_is_there")),
        DesiredChange(
            "a second check",
            given: stock,
            (
                "check (amount >= 0)",
                "check (amount >= 0), constraint stock_reserve check (reserve < amount or reserve is null)"
            )
        ),
        DesiredChange(
            "a check without a name",
            given: stock,
            ("reserve integer", "reserve integer check (reserve < 1000)")
        ),
        DesiredChange(
            "a check without a name that says another thing",
            given: reserved,
            ("reserve < 1000", "reserve < 2000")
        ),
        DesiredChange("a primary key", ("word varchar(20) not null", "word varchar(20) not null primary key")),
        DesiredChange("a primary key less", given: code, (", constraint code_key primary key (word)", "")),
        DesiredChange(
            "a primary key of more columns",
            given: code,
            rows: "insert into code values ('a', 1), ('b', 2)",
            keeps: "select word from code order by n",
            ("primary key (word)", "primary key (n, word)")
        ),
        DesiredChange(
            "a primary key of another column",
            given: code,
            rows: "insert into code values ('a', 1), ('b', 2)",
            ("primary key (word)", "primary key (n)")
        ),
    ]
}
