extension DesiredChange {
    private static let twice =
        "create function twice(n integer) returns integer language sql immutable as 'select n * 2'"
    private static let touch = """
        create function touch() returns trigger language plpgsql as 'begin new.city := upper(new.city); return new; end';
        create trigger touched before update on customer for each row execute function touch()
        """
    private static let clear = "create procedure clear() language sql as 'delete from tag'"
    private static let summary =
        "create materialized view summary as select city, count(*) as n from customer group by city"

    /// Functions, procedures, triggers and special views of PostgreSQL.
    static let postgresqlCode: [DesiredChange] = [
        DesiredChange("a function", works: "select twice(2)", ("", twice), on: postgresqls),
        DesiredChange("a function less", given: twice, ("\(twice);\n", ""), on: postgresqls),
        DesiredChange("a function with another body", given: twice, ("n * 2", "n + n"), on: postgresqls),
        DesiredChange("a function that may change", given: twice, ("immutable", "stable"), on: postgresqls),
        DesiredChange(
            "a function with another result",
            given: twice,
            ("returns integer", "returns bigint"),
            on: postgresqls
        ),
        DesiredChange(
            "a function of more",
            given: twice,
            works: "select twice(2, 3)",
            ("twice(n integer)", "twice(n integer, m integer default 1)"),
            on: postgresqls
        ),
        DesiredChange(
            "a function of its name's sake",
            given: twice,
            works: "select twice('a'::text)",
            ("", "create function twice(t text) returns text language sql as 'select t || t'"),
            on: postgresqls
        ),
        DesiredChange(
            "a function in standard SQL over a table",
            works: "select spent(1)",
            (
                "",
                "create function spent(c integer) returns numeric language sql begin atomic select sum(total) from orders where customer_id = c; end"
            ),
            on: postgresqls
        ),
        DesiredChange(
            "a default by a function",
            given: twice,
            works: "insert into orders (id) values (7)",
            ("", "alter table orders alter column customer_id set default twice(3)"),
            on: postgresqls
        ),
        DesiredChange(
            "a check by a function that comes with it",
            ("", twice),
            ("", "alter table orders add constraint small check (twice(customer_id) < 100)"),
            on: postgresqls
        ),
        DesiredChange("a procedure", works: "call clear()", ("", clear), on: postgresqls),
        DesiredChange(
            "a procedure with another body",
            given: clear,
            ("delete from tag", "delete from tag where word > ''x''"),
            on: postgresqls
        ),
        DesiredChange("a procedure less", given: clear, ("\(clear);\n", ""), on: postgresqls),
        DesiredChange(
            "a trigger with its function",
            works: "update customer set born = null",
            ("", touch),
            on: postgresqls
        ),
        DesiredChange("a trigger less", given: touch, ("\(touch);\n", ""), on: postgresqls),
        DesiredChange(
            "a trigger for more",
            given: touch,
            ("before update", "before insert or update of city"),
            on: postgresqls
        ),
        DesiredChange(
            "a trigger with a condition",
            given: touch,
            ("for each row", "for each row when (new.id > 0)"),
            on: postgresqls
        ),
        DesiredChange(
            "a trigger's function with another body",
            given: touch,
            ("upper(new.city)", "lower(new.city)"),
            on: postgresqls
        ),
        DesiredChange(
            "a trigger that rests",
            given: touch,
            ("", "alter table customer disable trigger touched"),
            on: postgresqls
        ),
        DesiredChange(
            "a trigger on a table whose column changes",
            given: touch,
            ("city varchar(40)", "city varchar(50)"),
            on: postgresqls
        ),
        DesiredChange("a view that keeps its rows", ("", summary), on: postgresqls),
        DesiredChange("a view that keeps its rows less", given: summary, ("\(summary);\n", ""), on: postgresqls),
        DesiredChange(
            "a view that keeps other rows",
            given: summary,
            ("from customer group", "from customer where id > 1 group"),
            on: postgresqls
        ),
        DesiredChange(
            "an index of a view",
            given: summary,
            ("", "create unique index summary_city on summary (city)"),
            on: postgresqls
        ),
        DesiredChange(
            "a view with an index over a column that changes",
            given: "\(summary);\ncreate unique index summary_city on summary (city)",
            ("city varchar(40)", "city varchar(50)"),
            on: postgresqls
        ),
        DesiredChange(
            "a view that guards",
            ("", "create view own with (security_barrier) as select * from tag"),
            on: postgresqls
        ),
        DesiredChange(
            "a view that checks what is written",
            given: "create view own as select * from tag where word > 'a'",
            ("word > 'a'", "word > 'a' with local check option"),
            on: postgresqls
        ),
    ]
}
