extension DesiredChange {
    private static let twice = "create function twice(n int) returns int deterministic return n * 2"
    private static let clear = "create procedure clear(in w varchar(20)) begin delete from tag where word = w; end"
    private static let touch =
        "create trigger touched before update on customer for each row set new.city = upper(new.city)"
    private static let person =
        "create table person (id int primary key, m enum('sad','so so','glad') default 'sad', s set('x','y'))"
    private static let people = "insert into person values (1, 'glad', 'x,y'), (2, 'sad', null)"
    private static let moods = "select concat(m, coalesce(s, '')) from person order by id"
    private static let article = "create table article (id int primary key, body text, place point not null)"
    private static let split = "create table split (id int not null, at int not null, primary key (id, at))"
    private static let numbers = "create sequence numbers start with 5 increment by 3"

    /// What only MySQL and MariaDB have.
    static let mysql: [DesiredChange] = [
        DesiredChange("a comment of MySQL's", ("city varchar(40)", "city varchar(40) comment 'where'"), on: mysqls),
        DesiredChange(
            "another comment of MySQL's",
            given: "create table noted (id int comment 'it''s', n int) comment 'old'",
            ("comment 'it''s'", "comment 'a \\\\ b'"),
            ("comment 'old'", "comment 'new'"),
            on: mysqls
        ),
        DesiredChange(
            "a table's comment",
            given: "create table noted (id int)",
            ("noted (id int)", "noted (id int) comment 'what'"),
            on: mysqls
        ),
        DesiredChange(
            "a comment on an index",
            given: "create table noted (id int, key n (id))",
            ("key n (id)", "key n (id) comment 'x'"),
            on: mysqls
        ),
        DesiredChange("an enum of MySQL's", ("city varchar(40)", "city enum('Bern','Basel')"), on: mysqls),
        DesiredChange(
            "an enum that grows",
            given: person,
            rows: people,
            keeps: moods,
            ("'glad')", "'glad','elated')"),
            on: mysqls
        ),
        DesiredChange(
            "an enum that grows in between",
            given: person,
            rows: people,
            keeps: moods,
            ("'so so',", "'so so','well',"),
            on: mysqls
        ),
        DesiredChange(
            "an enum with a value less",
            given: person,
            rows: people,
            keeps: moods,
            ("'so so',", ""),
            on: mysqls
        ),
        DesiredChange(
            "an enum in another order",
            given: person,
            rows: people,
            keeps: moods,
            ("'sad','so so'", "'so so','sad'"),
            on: mysqls
        ),
        DesiredChange(
            "an enum that becomes text",
            given: person,
            rows: people,
            keeps: moods,
            ("enum('sad','so so','glad')", "varchar(10)"),
            on: mysqls
        ),
        DesiredChange(
            "a set that grows",
            given: person,
            rows: people,
            keeps: moods,
            ("set('x','y')", "set('x','y','z')"),
            on: mysqls
        ),
        DesiredChange("an unsigned number", ("customer_id integer", "customer_id int unsigned"), on: mysqls),
        DesiredChange(
            "a collation of MySQL's",
            ("note varchar(200)", "note varchar(200) collate utf8mb4_bin"),
            on: mysqls
        ),
        DesiredChange(
            "a table with another collation",
            given:
                "create table worded (id int primary key, a varchar(20), b varchar(20) collate utf8mb4_unicode_ci) collate utf8mb4_general_ci",
            rows: "insert into worded values (1, 'ä', 'ö')",
            keeps: "select concat(hex(a), hex(b)) from worded",
            ("utf8mb4_general_ci", "utf8mb4_bin"),
            on: mysqls
        ),
        DesiredChange(
            "a table in another character set",
            given: "create table worded (id int primary key, a varchar(20) default 'ä') collate utf8mb4_general_ci",
            rows: "insert into worded values (1, 'ö')",
            keeps: "select a from worded",
            ("utf8mb4_general_ci", "latin1_swedish_ci"),
            on: mysqls
        ),
        DesiredChange(
            "a column in another character set",
            ("city varchar(40)", "city varchar(40) character set ascii"),
            on: mysqls
        ),
        DesiredChange("JSON", ("note varchar(200)", "note varchar(200), j json"), on: mysqls),
        DesiredChange("a text that gets long", ("note varchar(200)", "note mediumtext"), on: mysqls),
        DesiredChange("finer times", ("placed timestamp null", "placed timestamp(3) null"), on: mysqls),
        DesiredChange(
            "a time that follows its row",
            (
                "note varchar(200)",
                "note varchar(200), seen datetime default current_timestamp on update current_timestamp"
            ),
            on: mysqls
        ),
        DesiredChange(
            "a column that is not shown",
            ("note varchar(200)", "note varchar(200), secret int invisible"),
            on: mysqls
        ),
        DesiredChange("a column that hides", ("city varchar(40)", "city varchar(40) invisible"), on: mysqls),
        DesiredChange(
            "a default that is computed",
            ("note varchar(200)", "note varchar(200), k varchar(40) default (concat('k', 1 + 1))"),
            on: mysqls
        ),
        DesiredChange(
            "a column that numbers itself",
            given: "create table counted (word varchar(20))",
            rows: "insert into counted (word) values ('a'), ('b')",
            keeps: "select word from counted order by word",
            works: "insert into counted (word) values ('c')",
            ("(word varchar(20))", "(word varchar(20), id int auto_increment primary key)"),
            on: mysqls
        ),
        DesiredChange(
            "a key that numbers itself",
            given: "create table counted (id int not null primary key, word varchar(20))",
            rows: "insert into counted values (5, 'a')",
            keeps: "select id from counted",
            works: "insert into counted (word) values ('c')",
            ("id int not null", "id int not null auto_increment"),
            on: mysqls
        ),
        DesiredChange("an index of the beginning", ("", "create index orders_note on orders (note(10))"), on: mysqls),
        DesiredChange(
            "an index of a longer beginning",
            given: "create index orders_note on orders (note(10))",
            ("note(10)", "note(20)"),
            on: mysqls
        ),
        DesiredChange(
            "an index of words",
            given: article,
            ("", "create fulltext index article_body on article (body)"),
            on: mysqls
        ),
        DesiredChange(
            "an index of places on MySQL",
            given: article,
            ("", "create spatial index article_place on article (place)"),
            on: mysqls
        ),
        DesiredChange(
            "an index over an expression on MySQL",
            ("", "create index customer_lower on customer ((lower(name)))"),
            on: [.mysql]
        ),
        DesiredChange(
            "an index that is not used",
            given: "create index customer_city on customer (city)",
            ("on customer (city)", "on customer (city) invisible"),
            on: [.mysql]
        ),
        DesiredChange(
            "an index that is ignored",
            given: "create index customer_city on customer (city)",
            ("", "alter table customer alter index customer_city ignored"),
            on: [.mariadb]
        ),
        DesiredChange(
            "a check that is not enforced on MySQL",
            ("total decimal(12,2)", "total decimal(12,2), constraint lax check (total > 1000) not enforced"),
            on: [.mysql]
        ),
        DesiredChange(
            "a table in parts of MySQL's",
            given: split,
            ("primary key (id, at))", "primary key (id, at)) partition by hash (at) partitions 2"),
            on: mysqls
        ),
        DesiredChange(
            "a part more of MySQL's",
            given: "\(split) partition by range (at) (partition a values less than (10))",
            rows: "insert into split values (1, 5)",
            keeps: "select id from split",
            ("less than (10))", "less than (10), partition b values less than (20))"),
            on: mysqls
        ),
        DesiredChange(
            "rows of another form",
            given: "create table formed (id int primary key)",
            ("(id int primary key)", "(id int primary key) row_format = compact"),
            on: mysqls
        ),
        DesiredChange("a function of MySQL's", works: "select twice(2)", ("", twice), on: mysqls),
        DesiredChange("a function less of MySQL's", given: twice, ("\(twice);\n", ""), on: mysqls),
        DesiredChange("a function with another body on MySQL", given: twice, ("n * 2", "n + n"), on: mysqls),
        DesiredChange("a function of another type on MySQL", given: twice, ("n int", "n bigint"), on: mysqls),
        DesiredChange(
            "a function with other rights on MySQL",
            given: twice,
            ("deterministic", "deterministic sql security invoker comment 'it''s'"),
            on: mysqls
        ),
        DesiredChange("a procedure of MySQL's", works: "call clear('x')", ("", clear), on: mysqls),
        DesiredChange(
            "a procedure with another body on MySQL",
            given: clear,
            ("word = w;", "word = w or word = 'it''s; end';"),
            on: mysqls
        ),
        DesiredChange("a procedure less of MySQL's", given: clear, ("\(clear);\n", ""), on: mysqls),
        DesiredChange("a trigger of MySQL's", works: "update customer set born = null", ("", touch), on: mysqls),
        DesiredChange("a trigger with another body on MySQL", given: touch, ("upper(", "lower("), on: mysqls),
        DesiredChange(
            "a trigger at another time on MySQL",
            given: touch,
            ("before update", "before insert"),
            on: mysqls
        ),
        DesiredChange("a trigger less of MySQL's", given: touch, ("\(touch);\n", ""), on: mysqls),
        DesiredChange(
            "a view that checks what is written on MySQL",
            given: "create view own as select word from tag where word > 'a'",
            ("word > 'a'", "word > 'a' with local check option"),
            on: mysqls
        ),
        DesiredChange(
            "a view with the rights of who asks",
            given: "create view own as select word from tag",
            ("create view", "create sql security invoker view"),
            on: mysqls
        ),
        DesiredChange("a sequence of MariaDB's", ("", numbers), on: [.mariadb]),
        DesiredChange(
            "a sequence with other steps on MariaDB",
            given: numbers,
            ("by 3", "by 4 maxvalue 900 cycle"),
            on: [.mariadb]
        ),
        DesiredChange("a sequence less of MariaDB's", given: numbers, ("\(numbers);\n", ""), on: [.mariadb]),
    ]
}
