import Roost
import RoostQuery

struct Totals: Table {
    static let tableName = "totals"
    let customer = Column<Int>("customer")
    let total = Column<Int>("total")
}

struct Chain: Table {
    static let tableName = "chain"
    let id = Column<Int>("id")
    let level = Column<Int>("level")
}

struct Numbers: Table {
    static let tableName = "numbers"
    let n = Column<Int>("n")
}

enum SelectCases {
    private static let c = Customers.as("c")
    private static let r = Customers.as("r")
    private static let o = Orders.as("o")
    private static let t = Totals.table
    private static let mysqls: Set<QueryEngine> = [.mysql, .mariadb]

    static let all: [QueryCase] = plain + joins + subqueries + sets + commonTables

    private static let plain: [QueryCase] = cases {
        QueryCase.rows("one column", c.select(c.id).orderBy(c.id).limit(2), "1", "2")
        QueryCase.rows("two columns", c.select(c.id, c.name).where(c.id == 1), "1|Ana")
        QueryCase.rows(
            "five columns",
            c.select(c.id, c.name, c.city, c.credit, c.referrer).where(c.id == 4),
            "4|Di|nil|40|2"
        )
        QueryCase.rows("select first, from later", select(c.id).from(c).where(c.id == 1), "1")
        QueryCase.rows("two sources", select(c.id, o.id).from(c, o).where(c.id == o.customerID && o.total == 50), "1|2")
        QueryCase.rows("where twice", c.select(c.id).where(c.id > 1).where(c.id < 3), "2")
        QueryCase.rows("limit", c.select(c.id).orderBy(c.id).limit(1), "1")
        QueryCase.rows("limit of nothing", c.select(c.id).limit(0))
        QueryCase.rows("offset", c.select(c.id).orderBy(c.id).offset(3), "4", "5")
        QueryCase.rows("limit and offset", c.select(c.id).orderBy(c.id).limit(2).offset(1), "2", "3")
        QueryCase.rows(
            "limit with ties",
            without: [.sqlite, .mysql],
            o.select(o.total).orderBy(o.total.descending).limitWithTies(2),
            "100",
            "70",
            "70"
        )
        QueryCase.rows("distinct", o.select(o.customerID).distinct().orderBy(o.customerID), "1", "2", "3")
        QueryCase.rows(
            "distinct on",
            without: [.sqlite, .mysql, .mariadb],
            o.select(o.customerID, o.total).distinct(on: o.customerID).orderBy(o.customerID, o.total.descending),
            "1|100",
            "2|70",
            "3|70"
        )
        QueryCase.rows("descending", c.select(c.id).orderBy(c.id.descending).limit(2), "5", "4")
        QueryCase.rows("two keys", o.select(o.id).orderBy(o.total.descending, o.id.descending).limit(3), "1", "4", "3")
        QueryCase.rows(
            "order by twice",
            o.select(o.id).orderBy(o.total.descending).orderBy(o.id).limit(3),
            "1",
            "3",
            "4"
        )
        QueryCase.rows("nulls first", c.select(c.id).orderBy(c.city.ascending.nullsFirst).limit(1), "4")
        QueryCase.rows("nulls last", c.select(c.city).orderBy(c.city.descending.nullsLast).limit(1), "Paris")
        QueryCase.rows(
            "nulls last of ascending",
            c.select(c.city).orderBy(c.city.ascending.nullsLast, c.id).offset(4),
            "nil"
        )
        QueryCase.rows("order by an expression", c.select(c.id).orderBy(c.id % 2, c.id), "2", "4", "1", "3", "5")
        QueryCase.rows("for update", without: [.sqlite], o.select(o.id).where(o.id == 1).locking(), "1")
        QueryCase.rows("for share", without: [.sqlite], o.select(o.id).where(o.id == 1).locking(.share), "1")
        QueryCase.rows("skip locked", without: [.sqlite], o.select(o.id).where(o.id == 1).locking(.update, .skip), "1")
        QueryCase.rows("no wait", without: [.sqlite], o.select(o.id).where(o.id == 1).locking(.update, .fail), "1")
        QueryCase.rows(
            "for update of a table",
            without: [.sqlite, .mariadb],
            o.select(o.id).where(o.id == 1).locking(of: ["o"]),
            "1"
        )
        QueryCase.rows(
            "for no key update",
            without: [.sqlite, .mysql, .mariadb],
            o.select(o.id).where(o.id == 1).locking(.noKeyUpdate),
            "1"
        )
    }

    private static let joins: [QueryCase] = cases {
        QueryCase.rows(
            "inner join",
            c.join(o, on: o.customerID == c.id).select(c.name, o.total).orderBy(o.id),
            "Ana|100",
            "Ana|50",
            "Bo|70",
            "Cy|70",
            "Cy|30"
        )
        QueryCase.rows(
            "left join",
            c.leftJoin(o.optional, on: o.customerID == c.id).select(c.name, o.optional.total).where(c.id > 3).orderBy(
                c.id
            ),
            "Di|nil",
            "ed|nil"
        )
        QueryCase.rows(
            "left join with more in its condition",
            c.leftJoin(o.optional, on: o.customerID == c.id && o.total > 60).select(c.id, o.optional.id).orderBy(c.id),
            "1|1",
            "2|3",
            "3|4",
            "4|nil",
            "5|nil"
        )
        QueryCase.rows(
            "right join",
            o.optional.rightJoin(c, on: o.customerID == c.id).select(c.id, o.optional.id).where(c.id > 2).orderBy(
                c.id,
                o.id
            ),
            "3|4",
            "3|5",
            "4|nil",
            "5|nil"
        )
        QueryCase.rows(
            "full join",
            without: mysqls,
            c.optional.fullJoin(r.optional, on: c.id == r.id + 4).select(c.optional.id, r.optional.id).orderBy(
                c.id.ascending.nullsLast,
                r.id
            ).limit(6),
            "1|nil",
            "2|nil",
            "3|nil",
            "4|nil",
            "5|1",
            "nil|2"
        )
        QueryCase.rows("cross join", c.crossJoin(r).select(count().expression), "25")
        QueryCase.rows(
            "join with itself",
            c.join(r, on: c.referrer == r.id).select(c.name, r.name).orderBy(c.id),
            "Bo|Ana",
            "Cy|Ana",
            "Di|Bo",
            "ed|Di"
        )
        QueryCase.rows(
            "left join with itself",
            c.leftJoin(r.optional, on: c.referrer == r.id).select(c.id, r.optional.name).where(c.id < 3).orderBy(c.id),
            "1|nil",
            "2|Ana"
        )
        QueryCase.rows(
            "three tables",
            c.join(r, on: c.referrer == r.id).join(o, on: o.customerID == r.id).select(c.id, o.id).orderBy(c.id, o.id),
            "2|1",
            "2|2",
            "3|1",
            "3|2",
            "4|3"
        )
        QueryCase.rows(
            "group of a join",
            c.leftJoin(o.optional, on: o.customerID == c.id).select(c.id, count(o.id).expression).groupBy(c.id).orderBy(
                c.id
            ),
            "1|2",
            "2|1",
            "3|2",
            "4|0",
            "5|0"
        )
        QueryCase.rows(
            "what is missing from a join",
            c.leftJoin(o.optional, on: o.customerID == c.id).select(c.id).where(o.id.isNull).orderBy(c.id),
            "4",
            "5"
        )
    }

    private static var totals: Select<(Int, Int?)> {
        o.select(o.customerID, sum(o.total).expression).groupBy(o.customerID)
    }

    private static let subqueries: [QueryCase] = cases {
        QueryCase.rows(
            "subquery as a table",
            totals.subquery(as: Totals.self).select(t.customer, t.total).where(t.total > 80).orderBy(t.customer),
            "1|150",
            "3|100"
        )
        QueryCase.rows(
            "join with a subquery",
            c.join(totals.subquery(as: Totals.self), on: t.customer == c.id).select(c.name, t.total).orderBy(c.id),
            "Ana|150",
            "Bo|70",
            "Cy|100"
        )
        QueryCase.rows(
            "subquery with a limit",
            o.select(o.customerID, o.total).orderBy(o.total.descending).limit(2).subquery(as: Totals.self).select(
                max(t.total).expression
            ),
            "100"
        )
        QueryCase.rows(
            "scalar in the columns",
            c.select(c.id, o.select(count().expression).where(o.customerID == c.id).scalar).orderBy(c.id).limit(2),
            "1|2",
            "2|1"
        )
        QueryCase.rows("scalar without rows", select(o.select(o.id).where(.never).scalar), "nil")
        QueryCase.rows(
            "aggregate of an aggregate",
            totals.subquery(as: Totals.self).select(average(t.total).expression).limit(1),
            "106.666666667"
        )
        QueryCase.rows(
            "lateral",
            without: [.sqlite, .mariadb],
            c.join(
                o.select(o.customerID, o.total).where(o.customerID == c.id).orderBy(o.total.descending).limit(1)
                    .lateral(as: Totals.self),
                on: .always
            ).select(c.id, t.total).orderBy(c.id),
            "1|100",
            "2|70",
            "3|70"
        )
        QueryCase.rows(
            "exists as a value",
            c.select(c.id, o.select(o.id).where(o.customerID == c.id).exists.value).orderBy(c.id).offset(2).limit(2),
            "3|true",
            "4|false"
        )
    }

    private static func ids(_ from: Int, _ to: Int) -> Select<Int> {
        c.select(c.id.as("id")).where(c.id.between(from, and: to))
    }

    private static let sets: [QueryCase] = cases {
        QueryCase.rows("union", ids(1, 3).union(ids(2, 4)).orderBy("id"), "1", "2", "3", "4")
        QueryCase.rows("union all", ids(1, 2).unionAll(ids(2, 3)).orderBy("id"), "1", "2", "2", "3")
        QueryCase.rows("intersect", ids(1, 3).intersect(ids(2, 4)).orderBy("id"), "2", "3")
        QueryCase.rows("except", ids(1, 3).except(ids(2, 4)), "1")
        QueryCase.rows("intersect all", without: [.sqlite], ids(1, 3).intersectAll(ids(2, 4)).orderBy("id"), "2", "3")
        QueryCase.rows("except all", without: [.sqlite], ids(1, 3).exceptAll(ids(2, 4)), "1")
        QueryCase.rows("union of three", ids(1, 1).union(ids(2, 2)).union(ids(3, 3)).orderBy("id"), "1", "2", "3")
        QueryCase.rows("union descending", ids(1, 2).union(ids(3, 3)).orderBy(.descending("id")), "3", "2", "1")
        QueryCase.rows("union with a limit", ids(1, 5).union(ids(1, 5)).orderBy("id").limit(2), "1", "2")
        QueryCase.rows("union with a limit of nothing", ids(1, 5).union(ids(1, 5)).orderBy("id").limit(0))
        QueryCase.rows("union with an offset", ids(1, 5).union(ids(1, 5)).orderBy("id").limit(1).offset(2), "3")
        QueryCase.rows(
            "limits inside of a union",
            ids(1, 5).orderBy(c.id).limit(1).unionAll(ids(1, 5).orderBy(c.id.descending).limit(1)).orderBy("id"),
            "1",
            "5"
        )
        QueryCase.rows(
            "union inside an intersection",
            ids(1, 2).union(ids(4, 5)).intersect(ids(2, 4)).orderBy("id"),
            "2",
            "4"
        )
        QueryCase.rows(
            "except of an intersection",
            ids(1, 5).except(ids(1, 3).intersect(ids(2, 5))).orderBy("id"),
            "1",
            "4",
            "5"
        )
        QueryCase.rows(
            "union as a table",
            ids(1, 2).union(ids(4, 4)).subquery(as: Numbers.self).select(sum(Numbers.table.n).expression),
            "7"
        )
        QueryCase.rows("in a union", c.select(c.id).where(c.id.in(ids(1, 1).union(ids(5, 5)))).orderBy(c.id), "1", "5")
    }

    private static var big: CommonTable<Totals> { CommonTable(Totals.self, as: totals) }
    private static var chain: CommonTable<Chain> {
        .recursive(Chain.self, base: c.select(c.id, value(1)).where(c.referrer.isNull)) { chain in
            c.join(chain, on: c.referrer == chain.id).select(c.id, chain.level + 1)
        }
    }
    private static var counting: CommonTable<Numbers> {
        .recursive(Numbers.self, base: select(value(1))) { n in n.select(n.n + 1).where(n.n < 5) }
    }

    private static let commonTables: [QueryCase] = cases {
        QueryCase.rows(
            "common table",
            big.table.select(t.customer, t.total).where(t.total > 90).orderBy(t.customer).with(big),
            "1|150",
            "3|100"
        )
        QueryCase.rows(
            "common table under another name",
            big.as("x").select(big.as("x").total).orderBy(big.as("x").total).with(big),
            "70",
            "100",
            "150"
        )
        QueryCase.rows(
            "common table joined",
            c.join(big.table, on: t.customer == c.id).select(c.name).where(t.total == 70).with(big),
            "Bo"
        )
        QueryCase.rows(
            "common table twice",
            big.as("x").join(big.as("y"), on: big.as("x").customer == big.as("y").customer).select(count().expression)
                .with(big),
            "3"
        )
        QueryCase.rows(
            "materialized common table",
            CommonTable(Totals.self, materialized: true, as: totals).table.select(max(t.total).expression).with(
                CommonTable(Totals.self, materialized: true, as: totals)
            ),
            "150"
        )
        QueryCase.rows(
            "recursive tree",
            chain.table.select(chain.table.id, chain.table.level).orderBy(chain.table.id).with(chain),
            "1|1",
            "2|2",
            "3|2",
            "4|3",
            "5|4"
        )
        QueryCase.rows("recursive numbers", counting.table.select(sum(Numbers.table.n).expression).with(counting), "15")
        QueryCase.rows(
            "common table of a union",
            big.table.select(t.customer).where(t.total > 140).unionAll(big.table.select(t.customer).where(t.total < 80))
                .orderBy("customer").with(big),
            "1",
            "2"
        )
    }
}
