import Roost
import RoostQuery

/// Rows that come from elsewhere than tables, and rows compared as a whole.
enum SourceCases {
    private static let c = Customers.as("c")
    private static let o = Orders.as("o")
    private static let t = Totals.table
    private static let n = Numbers.table
    private static let w = Tally.table
    private static let words = Words.table

    struct Words: Table {
        static let tableName = "words"
        let number = Column<Int>("number")
        let word = Column<String?>("word")
        let price = Column<BigDecimal?>("price")
        let day = Column<LocalDate?>("day")
    }

    static let all: [QueryCase] = values + raw + rowValues + joins

    private static let day = LocalDate("2024-02-29") ?? .infinity
    private static var list: TableReference<Words> {
        rows([(1, "one", BigDecimal(1), day), (2, nil, nil, nil), (3, "three", BigDecimal(30), nil)] as [Row]).subquery(
            as: Words.self
        )
    }
    private typealias Row = (Int, String?, BigDecimal?, LocalDate?)

    private static let values: [QueryCase] = cases {
        QueryCase.rows("values", rows([(1, "a"), (2, "b")]), "1|a", "2|b")
        QueryCase.rows("values of one column", rows([3, 1, 2]), "3", "1", "2")
        QueryCase.rows("no values", rows([(Int, String)]()))
        QueryCase.rows("values with NULL", rows([(Int?.none, "a"), (2, "b")]), "nil|a", "2|b")
        QueryCase.rows(
            "values as a table",
            list.select(words.number, words.word).where(words.number > 1).orderBy(words.number),
            "2|nil",
            "3|three"
        )
        QueryCase.rows(
            "values of many types",
            list.select(words.price, words.day).orderBy(words.number),
            "1|2024-02-29",
            "nil|nil",
            "30|nil"
        )
        QueryCase.rows("values computed with", list.select(sum(words.price).expression), "31")
        QueryCase.rows("values compared", list.select(words.number).where(words.day == day), "1")
        QueryCase.rows("decimal values compared", list.select(words.number).where(words.price > BigDecimal(4)), "3")
        QueryCase.rows(
            "values joined",
            c.join(list, on: words.number == c.id).select(c.name, words.word).orderBy(c.id),
            "Ana|one",
            "Bo|nil",
            "Cy|three"
        )
        QueryCase.rows("in values", c.select(c.id).where(c.id.in(rows([2, 4]))).orderBy(c.id), "2", "4")
        QueryCase.rows(
            "a thousand values as a table",
            rows(Array(1...1_000)).subquery(as: Numbers.self).select(sum(n.n).expression),
            "500500"
        )
        QueryCase.rows(
            "values as a common table",
            {
                let table = CommonTable(Numbers.self, as: rows([5, 6]))
                return table.table.select(sum(n.n).expression).with(table)
            }(),
            "11"
        )
        QueryCase.rows(
            "values in a union",
            rows([1, 2]).subquery(as: Numbers.self).select(n.n.as("n")).union(c.select(c.id.as("n")).where(c.id < 4))
                .orderBy("n"),
            "1",
            "2",
            "3"
        )
    }

    private static let raw: [QueryCase] = cases {
        QueryCase.rows(
            "a raw query as a table",
            SQLFragment("select id as n from customer where id > \(3)").subquery(as: Numbers.self).select(n.n).orderBy(
                n.n
            ),
            "4",
            "5"
        )
        QueryCase.rows(
            "a raw query with a built one inside",
            SQLFragment("select count(*) as n from \(c.select(c.id.as("id")).where(c.id > 2)) as inner_query").subquery(
                as: Numbers.self
            ).select(n.n),
            "3"
        )
        QueryCase.rows(
            "a raw common table",
            {
                let table = CommonTable(Numbers.self, as: "select id from customer where id < \(3)")
                return table.table.select(n.n).orderBy(n.n).with(table)
            }(),
            "1",
            "2"
        )
        QueryCase.rows("a raw order", c.select(c.id).orderBy(sql("-c.id", as: Int.self)).limit(1), "5")
        QueryCase.rows("a raw column", c.select(sql("c.credit * \(2)", as: Int.self)).where(c.id == 1), "20")
        QueryCase.rows(
            "a raw group",
            c.select(count().expression).groupBy(sql("c.credit > 15", as: Bool.self)).orderBy(count().expression),
            "2",
            "3"
        )
        QueryCase.change(
            "a raw assignment",
            w.update(w.set(\.hits, to: sql("hits + \(10)", as: Int.self))).where(condition("word = \("two")")),
            then: w.select(w.hits).orderBy(w.hits),
            "1",
            "12"
        )
        QueryCase.rows(
            "a function that returns rows",
            without: [.mysql, .mariadb],
            table(
                "json_each",
                arguments: [value(#"{"a": 1}"#)],
                as: Pair.self
            )
            .select(Pair.table.key),
            "a"
        )
    }

    struct Pair: Table {
        static let tableName = "pair"
        let key = Column<String>("key")
        let value = Column<String>("value")
    }

    private static let rowValues: [QueryCase] = cases {
        QueryCase.customers(
            "rows equal",
            row(Customers.table.id, Customers.table.name).compare(.equal, row(value(2), value("Bo"))),
            "2"
        )
        QueryCase.customers(
            "rows not equal",
            row(Customers.table.id, Customers.table.name).compare(.notEqual, row(value(2), value("Bo"))),
            "1 3 4 5"
        )
        QueryCase.orders(
            "rows in order",
            row(Orders.table.total, Orders.table.id).compare(.greater, row(value(70), value(3))),
            "1 4"
        )
        QueryCase.orders(
            "rows of columns",
            row(Orders.table.id, Orders.table.total).compare(.less, row(Orders.table.customerID, Orders.table.total)),
            ""
        )
        QueryCase.customers(
            "rows in a query",
            row(Customers.table.id, Customers.table.credit).in(o.select(o.customerID, o.id * 10)),
            "1"
        )
        QueryCase.customers(
            "rows not in a query",
            row(Customers.table.id, Customers.table.credit).notIn(o.select(o.customerID, o.id * 10)),
            "2 3 4 5"
        )
        QueryCase.customers(
            "rows in values",
            row(Customers.table.id, Customers.table.name).in(rows([(1, "Ana"), (2, "Cy")])),
            "1"
        )
    }

    private static let joins: [QueryCase] = cases {
        QueryCase.rows(
            "left join of a lateral query",
            without: [.sqlite, .mariadb],
            {
                let last = o.select(o.customerID, o.total).where(o.customerID == c.id).orderBy(o.id.descending).limit(1)
                    .lateral(as: Totals.self)
                return c.leftJoin(last.optional, on: .always).select(c.id, last.optional.total).orderBy(c.id).offset(2)
                    .limit(2)
            }(),
            "3|30",
            "4|nil"
        )
        QueryCase.rows(
            "left join of a subquery",
            {
                let big = o.select(o.customerID, sum(o.total).expression).groupBy(o.customerID).having(
                    sum(o.total).expression > 80
                ).subquery(as: Totals.self)
                return c.leftJoin(big.optional, on: big.customer == c.id).select(c.id, big.optional.total).orderBy(c.id)
                    .limit(3)
            }(),
            "1|150",
            "2|nil",
            "3|100"
        )
        QueryCase.rows(
            "a join inside a join",
            c.join(
                Customers.as("r").join(o, on: o.customerID == Customers.as("r").id),
                on: c.referrer == Customers.as("r").id
            ).select(c.id, o.id).orderBy(c.id, o.id).limit(3),
            "2|1",
            "2|2",
            "3|1"
        )
        QueryCase.rows(
            "ordered by a collation",

            c.select(c.name).orderBy(sql("lower(\(c.name))", as: String.self).descending).limit(2),
            "ed",
            "Di"
        )
    }
}
