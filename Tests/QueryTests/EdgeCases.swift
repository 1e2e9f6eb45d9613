import Roost
import RoostQuery

/// Where engines differ in what they do with SQL that all of them take.
enum EdgeCases {
    private static let c = Customers.table
    private static let k = Customers.as("k")
    private static let o = Orders.table
    private static let w = Tally.table
    private static let t = Totals.table
    private static let mysqls: Set<QueryEngine> = [.mysql, .mariadb]
    private static let everyEngine = Set(QueryEngine.allCases)

    static let all: [QueryCase] = names + groups + windows + numbers + documents + changes

    private static let names: [QueryCase] = cases {
        QueryCase.change(
            "insert under another name",
            k.insert(\.id, \.name).values(9, "New"),
            then: k.select(k.name).where(k.id == 9),
            "New"
        )
        QueryCase.change(
            "upsert under another name",
            Tally.as("x").insert(\.word, \.hits).values("two", 5).onConflict(
                \.word,
                update: [
                    Tally.as("x").set(\.hits, to: Tally.as("x").hits * 10 + Tally.as("x").excluded(\.hits))
                ]
            ),
            then: w.select(w.hits).where(w.word == "two"),
            "25"
        )
        QueryCase.rows(
            "insert under another name returning",
            without: [.mysql],
            Tally.as("x").insert(\.word).values("x").returning(Tally.as("x").hits + 1),
            "2"
        )
        QueryCase.change(
            "update under another name",
            k.update(k.set(\.credit, to: k.credit + 1)).where(k.id == 1),
            then: c.select(c.credit).where(c.id == 1),
            "11"
        )
        QueryCase.rows(
            "update under another name returning",
            without: mysqls,
            k.update(k.set(\.credit, to: k.credit + 1)).where(k.id == 1).returning(k.credit, k.id),
            "11|1"
        )
        QueryCase.change(
            "delete under another name",
            k.delete().where(k.id > 2),
            then: c.select(c.id).orderBy(c.id),
            "1",
            "2"
        )
        QueryCase.rows(
            "delete under another name returning",
            without: mysqls,
            k.delete().where(k.id == 5).returning(k.name),
            "ed"
        )
        QueryCase.rows(
            "returning a subquery that names its table's column",
            without: mysqls,
            c.update(c.set(\.credit, to: 0)).where(c.id == 1).returning(
                c.id,
                o.select(count().expression).where(o.customerID == c.id).scalar
            ),
            "1|2"
        )
        QueryCase.rows(
            "a subquery of the same table",
            c.select(c.id).where(
                k.select(k.id).where(k.referrer == c.id).exists
            ).orderBy(c.id),
            "1",
            "2",
            "4"
        )
        QueryCase.rows(
            "names with spaces and quotes",
            CommonTable(Numbers.self, name: "a \"b\" `c` d", as: c.select(c.id)).table.select(
                max(CommonTable(Numbers.self, name: "a \"b\" `c` d", as: c.select(c.id)).table.n).expression
            ).with(CommonTable(Numbers.self, name: "a \"b\" `c` d", as: c.select(c.id))),
            "5"
        )
    }

    private static let groups: [QueryCase] = cases {
        QueryCase.rows(
            "group by what is selected",
            o.select(o.total % 20, count().expression).groupBy(o.total % 20).orderBy(o.total % 20),
            "0|1",
            "10|4"
        )
        QueryCase.rows(
            "group by what is selected, in another order",
            o.select(count().expression, o.total % 20).groupBy(o.total % 20).orderBy((o.total % 20).descending),
            "4|10",
            "1|0"
        )
        QueryCase.rows(
            "group by what is selected under a name",
            o.select((o.total % 20).as("rest")).groupBy(o.total % 20).orderBy(o.total % 20),
            "0",
            "10"
        )
        QueryCase.rows(
            "group by another value than is selected",
            o.select(max(o.total % 30).expression, count().expression).groupBy(o.total % 20).orderBy(
                max(o.total % 30).expression
            ),
            "10|1",
            "20|4"
        )
        QueryCase.rows(
            "distinct in the order of what is selected",
            o.select(o.total % 20).distinct().orderBy((o.total % 20).descending),
            "10",
            "0"
        )
        QueryCase.rows(
            "group by a case",
            o.select(when(o.total > 60, then: "big").otherwise("small"), count().expression).groupBy(
                when(o.total > 60, then: "big").otherwise("small")
            ).orderBy(when(o.total > 60, then: "big").otherwise("small")),
            "big|3",
            "small|2"
        )
        QueryCase.rows(
            "rollup of two",
            without: [.sqlite],
            o.select(o.customerID.optional, o.paid.optional, count().expression).groupBy(
                Grouping.rollup(o.customerID, o.paid)
            ).having(count().expression > 4),
            "nil|nil|5"
        )
        QueryCase.rows(
            "rollup beside another group",
            without: [.sqlite, .mysql, .mariadb],
            o.select(o.customerID, o.paid.optional, count().expression).groupBy(o.customerID, Grouping.rollup(o.paid))
                .having(o.customerID == 1).orderBy(o.paid.ascending.nullsLast),
            "1|false|1",
            "1|true|1",
            "1|nil|2"
        )
        QueryCase.rows(
            "rollup in an order",
            without: [.sqlite, .mariadb],
            o.select(o.customerID.optional, count().expression).groupBy(Grouping.rollup(o.customerID)).orderBy(
                count().expression.descending
            ).limit(1),
            "nil|5"
        )
        QueryCase.rows(
            "JSON array with a filter",
            without: mysqls,
            o.select(jsonArray(of: o.id).filter(o.id == 3).expression),
            "[3]"
        )
        QueryCase.rows("count with a filter that finds nothing", o.select(count().filter(o.id > 9).expression), "0")
        QueryCase.rows("sum with a filter that finds nothing", o.select(sum(o.id).filter(o.id > 9).expression), "nil")
        QueryCase.rows("texts joined with a filter", c.select(joined(c.name).filter(c.id == 3).expression), "Cy")
        QueryCase.rows("every with a filter", o.select(every(o.total > 60).filter(o.paid.isTrue).expression), "true")
        QueryCase.rows(
            "in a query with a limit",
            c.select(c.name).where(
                c.id.in(o.select(o.customerID).orderBy(o.total.descending, o.id).limit(1))
            ),
            "Ana"
        )
        QueryCase.rows(
            "not in a union with a limit",
            c.select(c.id).where(
                c.id.notIn(k.select(k.id.as("id")).union(k.select(k.id.as("id"))).orderBy("id").limit(4))
            ),
            "5"
        )
    }

    private static let windows: [QueryCase] = cases {
        QueryCase.each(
            "distinct count over a window",
            without: everyEngine,
            count(distinct: o.customerID).over(partitionBy: [o.paid]),
            ""
        )
        QueryCase.each(
            "texts joined over a window",
            without: mysqls,
            joined(o.paid.cast(to: Int.self).cast(to: String.self), separator: "").over(orderBy: [o.id]),
            "1 10 101 1011 10110"
        )
        QueryCase.each(
            "count with a filter over a window",
            count().filter(o.paid.isTrue).over(orderBy: [o.id]),
            "1 1 2 3 3"
        )
        QueryCase.each(
            "sum with a filter over a window",
            sum(o.total).filter(o.paid.isTrue).over(orderBy: [o.id]),
            "100 100 170 240 240"
        )
        QueryCase.each(
            "every over a window",
            every(o.paid.isTrue).over(orderBy: [o.id]),
            "true false false false false"
        )
        QueryCase.each("some over a window", some(o.total == 50).over(orderBy: [o.id]), "false true true true true")
        QueryCase.each(
            "sum of decimals over a window",
            sum(o.price).over(orderBy: [o.id]),
            "10.5 30.75 35.75 43.5 44.75"
        )
        QueryCase.each(
            "average of decimals over a window",
            average(o.price).over(partitionBy: [o.customerID]),
            "15.375 15.375 5.0 4.5 4.5"
        )
        QueryCase.each(
            "range frame of values",
            count().over(orderBy: [o.total], .range(.preceding(20), .currentRow)),
            "1 2 3 3 1"
        )
        QueryCase.rows(
            "the first of each group",
            o.select(o.customerID, rowNumber().over(partitionBy: [o.customerID], orderBy: [o.total.descending, o.id]))
                .subquery(as: Totals.self).select(t.customer).where(t.total == 1).orderBy(t.customer),
            "1",
            "2",
            "3"
        )
        QueryCase.rows(
            "a window over groups",
            o.select(o.customerID, sum(sum(o.total).expression.required).over(orderBy: [o.customerID])).groupBy(
                o.customerID
            ).orderBy(o.customerID),
            "1|150",
            "2|220",
            "3|320"
        )
    }

    private static let numbers: [QueryCase] = cases {
        QueryCase.value("greatest of one", greatest(value(3)), "3")
        QueryCase.each("greatest of columns", greatest(o.total, o.id * 20), "100 50 70 80 100")
        QueryCase.orders("computed decimal in a list", (o.price + BigDecimal(1)).in([BigDecimal(6)]), "3")
        QueryCase.orders("computed decimal equal", (o.price * BigDecimal(2)) == BigDecimal(10), "3")
        QueryCase.orders("decimal between", o.price.between(BigDecimal(5), and: BigDecimal(8)), "3 4")
        QueryCase.orders("decimal in a list", o.price.in([BigDecimal(5), BigDecimal(6)]), "3")
        QueryCase.value("negative divided by negative", value(-7) / -2, "3")
        QueryCase.value("nested negation", -(-value(5)), "5")
        QueryCase.value("minus a negative", value(5) - -3, "8")
        QueryCase.value("rounded away from zero", value(-1.5).rounded(), "-2.0")
        QueryCase.each("decimal rounded", o.price.rounded(to: 1), "10.5 20.3 5 7.8 1.3")
        QueryCase.value("sum of a boolean's count", value(2) + when(SQLCondition.always, then: 1).otherwise(0), "3")
        QueryCase.value("text to a number and back", value("7").cast(to: Int.self).cast(to: String.self), "7")
        QueryCase.rows("empty text is not NULL", c.select(c.id).where(value("").isNull))
        QueryCase.rows("a NULL is in no list", c.select(c.id).where(!c.city.in(["x"]) && c.city.isNull))
    }

    private static let documents: [QueryCase] = cases {
        QueryCase.each("JSON number as text", o.note.value(at: "a", as: String.self), "1 nil 2 nil 3")
        QueryCase.each("JSON truth as text", o.note.value(at: "t", as: String.self), "true nil nil nil nil")
        QueryCase.each("JSON truth", o.note.value(at: "t", as: Bool.self), "true nil nil nil nil")
        QueryCase.each("JSON double", o.note.value(at: "a", as: Double.self), "1.0 nil 2.0 nil 3.0")
        QueryCase.each("JSON length of what is no array", o.note.arrayLength(at: "a"), "nil nil nil nil nil")
        QueryCase.each("JSON length of an object", o.note.arrayLength(at: "b"), "nil nil nil nil nil")
        QueryCase.rows("JSON set to true", o.select(o.note.setting("a", to: true)).where(o.id == 5), #"{"a":true}"#)
        QueryCase.rows("JSON set to false", o.select(o.note.setting("a", to: false)).where(o.id == 5), #"{"a":false}"#)
        QueryCase.rows(
            "JSON set to nothing",
            o.select(o.note.setting("a", to: Int?.none)).where(o.id == 5),
            #"{"a":null}"#
        )
        QueryCase.rows("JSON set to a text", o.select(o.note.setting("a", to: "1")).where(o.id == 5), #"{"a":"1"}"#)
        QueryCase.rows("JSON set to a double", o.select(o.note.setting("a", to: 1.5)).where(o.id == 5), #"{"a":1.5}"#)
        QueryCase.rows(
            "JSON set to a document",
            o.select(o.note.setting("a", to: JSON(#"{"x": [1]}"#))).where(o.id == 5),
            #"{"a":{"x":[1]}}"#
        )
        QueryCase.rows("JSON given a new key", o.select(o.note.setting("b", to: 1)).where(o.id == 5), #"{"a":3,"b":1}"#)
        QueryCase.orders("JSON text compared", o.note.value(at: ["b", "c"], as: String.self) == "x", "1")
        QueryCase.orders("JSON ordered as numbers", o.note.value(at: "a", as: Int.self) < 10, "1 3 5")
    }

    private static let changes: [QueryCase] = cases {
        QueryCase.change(
            "update in the order that was not written",
            c.update(c.set(\.credit, to: 1), c.set(\.referrer, to: c.credit)).where(c.id == 2),
            then: c.select(c.credit, c.referrer).where(c.id == 2),
            "1|20"
        )
        QueryCase.change(
            "update that swaps columns",
            without: mysqls,
            c.update(c.set(\.credit, to: c.referrer.or(0)), c.set(\.referrer, to: c.credit)).where(c.id == 2),
            then: c.select(c.credit, c.referrer).where(c.id == 2),
            "1|20"
        )
        QueryCase.change(
            "update from another table by an expression",
            c.update(c.set(\.credit, to: c.credit + o.total)).from(o).where(o.customerID == c.id && o.id == 3),
            then: c.select(c.credit).where(c.id == 2),
            "90"
        )
        QueryCase.change(
            "update of a decimal",
            o.update(o.set(\.price, to: BigDecimal(3))).where(o.price == BigDecimal(5)),
            then: o.select(o.price).where(o.id == 3),
            "3"
        )
        QueryCase.change(
            "update of a date",
            o.update(o.set(\.day, to: o.day.adding(1, .day))).where(o.day == LocalDate("2024-02-29") ?? .infinity),
            then: o.select(o.day).where(o.day == LocalDate("2024-03-01") ?? .infinity),
            "2024-03-01"
        )
        QueryCase.change(
            "insert from a union",
            w.insert(\.word, \.hits).from(
                c.select(c.name, c.credit).where(c.id == 1).unionAll(c.select(c.name, c.credit).where(c.id == 2))
            ),
            then: w.select(count().expression),
            "4"
        )
        QueryCase.change(
            "upsert from a query without a condition",
            w.insert(\.word, \.hits).from(c.select(c.name, c.credit)).onConflict(
                \.word,
                update: [w.set(\.hits, to: 1)]
            ),
            then: w.select(count().expression),
            "7"
        )
        QueryCase.change(
            "upsert from an ordered query",
            w.insert(\.word, \.hits).from(c.select(c.name, c.credit).orderBy(c.id).limit(2)).onConflictDoNothing(
                \.word
            ),
            then: w.select(count().expression),
            "4"
        )
        QueryCase.change(
            "upsert from a union",
            w.insert(\.word, \.hits).from(
                c.select(c.name, c.credit).where(c.id == 1).union(c.select(c.name, c.credit).where(c.id == 1))
            ).onConflictDoNothing(\.word),
            then: w.select(count().expression),
            "3"
        )
        QueryCase.change(
            "insert from a common table",
            w.insert(\.word, \.hits).from(
                c.join(totals.table, on: t.customer == c.id).select(c.name, t.total).where(t.total > 100)
            ).with(totals),
            then: w.select(w.word, w.hits).where(w.hits > 2),
            "Ana|150"
        )
        QueryCase.change(
            "update with a common table",
            without: [.mariadb],
            c.update(c.set(\.credit, to: 0)).where(c.id.in(totals.table.select(t.customer).where(t.total > 80))).with(
                totals
            ),
            then: c.select(c.id).where(c.credit == 0).orderBy(c.id),
            "1",
            "3",
            "5"
        )
        QueryCase.change(
            "delete with a common table",
            without: [.mariadb],
            c.delete().where(c.id.in(totals.table.select(t.customer).where(t.total > 80))).with(totals),
            then: c.select(c.id).orderBy(c.id),
            "2",
            "4",
            "5"
        )
    }

    private static var totals: CommonTable<Totals> {
        CommonTable(Totals.self, as: o.select(o.customerID, sum(o.total).expression).groupBy(o.customerID))
    }
}
