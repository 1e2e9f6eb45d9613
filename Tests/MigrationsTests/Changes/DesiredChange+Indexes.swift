extension DesiredChange {
    private static let placed = "create index orders_placed on orders (placed, note)"
    private static let big = "create index big on orders (total) where total > 5"

    /// Indexes, on every engine that has them.
    static let indexes: [DesiredChange] = [
        DesiredChange("an index", ("", "create index orders_placed on orders (placed)")),
        DesiredChange("a unique index", ("", "create unique index customer_name on customer (name)")),
        DesiredChange("an index of two columns", ("", "create index customer_place on customer (city, name)")),
        DesiredChange("an index that falls", ("", "create index orders_placed on orders (placed desc)")),
        DesiredChange(
            "an index that rises and falls",
            ("", "create index customer_place on customer (city, name desc)")
        ),
        DesiredChange("an index that falls now", given: placed, ("(placed, note)", "(placed desc, note)")),
        DesiredChange("an index less", ("create index orders_customer on orders (customer_id);\n", "")),
        DesiredChange("an index over other columns", ("on orders (customer_id)", "on orders (customer_id, placed)")),
        DesiredChange("an index in another order", given: placed, ("(placed, note)", "(note, placed)")),
        DesiredChange("an index of another table", given: placed, ("on orders (placed, note)", "on customer (city)")),
        DesiredChange("an index of another name", ("index orders_customer", "index orders_by_customer")),
        DesiredChange("an index that becomes unique", ("create index orders_c", "create unique index orders_c")),
        DesiredChange(
            "an index that is no longer unique",
            given: "create unique index customer_born on customer (born)",
            ("create unique index", "create index")
        ),
        DesiredChange(
            "two indexes",
            ("", "create index orders_placed on orders (placed)"),
            ("", "create index orders_total on orders (total, note)")
        ),
        DesiredChange(
            "a column with an index",
            ("note varchar(200)", "note varchar(200), email varchar(80)"),
            ("", "create index orders_email on orders (email)")
        ),
        DesiredChange(
            "a column less that had an index",
            given: "create index orders_note on orders (note)",
            (", note varchar(200)", ""),
            ("create index orders_note on orders (note);\n", "")
        ),
        DesiredChange(
            "a longer text with an index",
            given: "create index customer_city on customer (city)",
            ("city varchar(40)", "city varchar(60)")
        ),
        DesiredChange("a partial index", ("", big), on: notMySQL),
        DesiredChange("a partial index less", given: big, ("\(big);\n", ""), on: notMySQL),
        DesiredChange(
            "a partial index over other rows",
            given: big,
            ("total > 5", "total > 6"),
            on: notMySQL
        ),
        DesiredChange("an index that is no longer partial", given: big, (" where total > 5", ""), on: notMySQL),
        DesiredChange(
            "an index over an expression",
            ("", "create index lower_name on customer (lower(name))"),
            on: notMySQL
        ),
        DesiredChange(
            "an index over another expression",
            given: "create index lower_name on customer (lower(name))",
            ("lower(name)", "upper(name)"),
            on: notMySQL
        ),
    ]
}
