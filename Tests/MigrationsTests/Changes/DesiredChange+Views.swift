extension DesiredChange {
    private static let rich = "create view rich as select id, name from customer where credit > 5"

    /// Views, on every engine.
    static let views: [DesiredChange] = [
        DesiredChange("a view", ("", "create view rich as select id, name from customer where credit > 100")),
        DesiredChange(
            "a view with names of its own",
            ("", "create view rich (number, label) as select id, name from customer")
        ),
        DesiredChange(
            "a view over two tables",
            ("", "create view placed as select c.name, o.placed from customer c join orders o on o.customer_id = c.id")
        ),
        DesiredChange(
            "a view that sums",
            ("", "create view totals as select customer_id, sum(total) as total from orders group by customer_id")
        ),
        DesiredChange("a view less", given: rich, ("\(rich);\n", "")),
        DesiredChange(
            "a view of other rows",
            given: rich,
            keeps: "select name from rich",
            ("credit > 5", "credit > 6")
        ),
        DesiredChange(
            "a view with a column more",
            given: rich,
            works: "select city from rich",
            ("id, name from", "id, name, city from")
        ),
        DesiredChange("a view with a column less", given: rich, ("id, name from", "id from")),
        DesiredChange(
            "a view with another name of a column",
            given: rich,
            ("id, name from", "id as number, name from")
        ),
        DesiredChange("a view with columns in another order", given: rich, ("id, name from", "name, id from")),
        DesiredChange(
            "a view on a view",
            given: rich,
            ("", "create view richest as select id from rich where name > 'B'")
        ),
        DesiredChange(
            "a view under a view",
            given: "\(rich);\ncreate view richest as select id from rich where name > 'B'",
            ("credit > 5", "credit > 6")
        ),
        DesiredChange(
            "a column less of a view under a view",
            given: "\(rich);\ncreate view richest as select name from rich where name > 'B'",
            ("id, name from", "name from")
        ),
        DesiredChange(
            "two views less, one on the other",
            given: "\(rich);\ncreate view richest as select name from rich",
            ("\(rich);\ncreate view richest as select name from rich;\n", "")
        ),
        DesiredChange(
            "a longer text under a view",
            given: "create view cities as select id, city from customer",
            ("city varchar(40)", "city varchar(80)")
        ),
        DesiredChange(
            "another type under a view on a view",
            given:
                "create view totals as select id, total from orders;\ncreate view few as select total from totals where id > 0",
            ("total decimal(12,2)", "total decimal(14,4)")
        ),
        DesiredChange(
            "a column more under a view of all",
            given: "create view everything as select * from customer",
            ("credit decimal(10,2) default 0 not null", "credit decimal(10,2) default 0 not null, email varchar(80)")
        ),
        DesiredChange(
            "a column less that a view read",
            given: "create view cities as select id, city, born from customer",
            ("select id, city, born", "select id, city"),
            (", born date", "")
        ),
    ]
}
