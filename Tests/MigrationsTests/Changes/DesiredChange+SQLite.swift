extension DesiredChange {
    private static let moved =
        "create trigger moved after insert on customer begin update customer set city = 'x' where id = new.id; end"

    /// What only SQLite has, or writes in its own way.
    static let sqlite: [DesiredChange] = [
        DesiredChange("a trigger", ("", moved), on: [.sqlite]),
        DesiredChange("a trigger less on SQLite", given: moved, ("\(moved);\n", ""), on: [.sqlite]),
        DesiredChange(
            "a trigger with another body on SQLite",
            given: moved,
            ("city = 'x'", "city = 'it''s'"),
            on: [.sqlite]
        ),
        DesiredChange(
            "a trigger on a table that is made anew",
            given: moved,
            works: "insert into customer (id, name, credit) values (9, 'x', 1)",
            ("city varchar(40)", "city varchar(60)"),
            on: [.sqlite]
        ),
        DesiredChange(
            "a trigger in place of a view's",
            given: "create view named as select name from customer",
            ("", "create trigger into_named instead of insert on named begin insert into tag values (new.name); end"),
            on: [.sqlite]
        ),
        DesiredChange(
            "a table without row numbers",
            given: "create table plain (a text primary key, b int)",
            ("b int)", "b int) without rowid"),
            on: [.sqlite]
        ),
        DesiredChange(
            "a strict table",
            given: "create table plain (a text primary key, b int)",
            ("b int)", "b int) strict"),
            on: [.sqlite]
        ),
        DesiredChange(
            "a key that numbers itself on SQLite",
            given: "create table counted (id integer primary key, word text)",
            rows: "insert into counted values (5, 'a')",
            keeps: "select id from counted",
            ("id integer primary key", "id integer primary key autoincrement"),
            on: [.sqlite]
        ),
        DesiredChange(
            "a collation of SQLite's",
            ("note varchar(200)", "note varchar(200) collate nocase"),
            on: [.sqlite]
        ),
        DesiredChange(
            "what a conflict does",
            given: "create table plain (a text unique, b int)",
            ("a text unique", "a text unique on conflict replace"),
            on: [.sqlite]
        ),
    ]
}
