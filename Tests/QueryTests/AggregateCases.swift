import Roost
import RoostQuery

enum AggregateCases {
    private static let c = Customers.table
    private static let o = Orders.table
    private static let mysqls: Set<QueryEngine> = [.mysql, .mariadb]
    private static let notPostgreSQL: Set<QueryEngine> = [.sqlite, .mysql, .mariadb]

    static let all: [QueryCase] = aggregates + groups + windows

    private static let aggregates: [QueryCase] = cases {
        QueryCase.rows("count", o.select(count().expression), "5")
        QueryCase.rows("count of nothing", o.select(count().expression).where(.never), "0")
        QueryCase.rows("count of values", c.select(count(c.city).expression), "4")
        QueryCase.rows("count of different values", c.select(count(distinct: c.city).expression), "3")
        QueryCase.rows("sum", o.select(sum(o.total).expression), "320")
        QueryCase.rows("sum of nothing", o.select(sum(o.total).expression).where(.never), "nil")
        QueryCase.rows("sum of different values", o.select(sum(distinct: o.total).expression), "250")
        QueryCase.rows("sum of doubles", o.select(sum(o.weight).expression), "7.75")
        QueryCase.rows("sum of decimals", o.select(sum(o.price).expression), "44.75")
        QueryCase.rows("average of integers", o.select(average(o.total).expression), "64.0")
        QueryCase.rows("average that is no integer", c.select(average(c.id).expression).where(c.id < 3), "1.5")
        QueryCase.rows(
            "average with many places",
            o.select(average(o.id).expression).where(o.id != 3 && o.id != 1),
            "3.666666667"
        )
        QueryCase.rows("least and greatest", o.select(min(o.total).expression, max(o.total).expression), "30|100")
        QueryCase.rows("least text", c.select(min(c.name).expression), "Ana")
        QueryCase.rows("greatest date", o.select(max(o.day).expression), "2024-03-10")
        QueryCase.rows("count with a filter", o.select(count().filter(o.paid.isTrue).expression), "3")
        QueryCase.rows("sum with a filter", o.select(sum(o.total).filter(o.total > 60).expression), "240")
        QueryCase.rows("average with a filter", o.select(average(o.total).filter(o.paid.isTrue).expression), "80.0")
        QueryCase.rows(
            "distinct count with a filter",
            o.select(count(distinct: o.total).filter(o.total > 60).expression),
            "2"
        )
        QueryCase.rows("aggregates in arithmetic", o.select(sum(o.total).expression + 1), "321")
        QueryCase.rows("texts joined", c.select(joined(c.name, separator: "; ").expression).where(c.id == 2), "Bo")
        QueryCase.rows(
            "texts joined by a quote",
            c.select(joined(c.name, separator: "'").expression).where(c.id == 2),
            "Bo"
        )
        QueryCase.rows(
            "texts joined in order",
            without: [.sqlite],
            c.select(joined(c.name, separator: "-").orderBy(c.name.descending).expression).where(c.id < 4),
            "Cy-Bo-Ana"
        )
        QueryCase.rows("every", o.select(every(o.total > 20).expression), "true")
        QueryCase.rows("not every", o.select(every(o.paid.isTrue).expression), "false")
        QueryCase.rows("some", o.select(some(o.total > 90).expression), "true")
        QueryCase.rows("JSON array of rows", o.select(jsonArray(of: o.id).expression).where(o.id == 2), "[2]")
        QueryCase.rows(
            "JSON object of rows",
            c.select(jsonObject(of: c.name, c.id).expression).where(c.id == 2),
            #"{"Bo":2}"#
        )
        QueryCase.rows(
            "standard deviation",
            without: [.sqlite],
            o.select(standardDeviation(o.total).expression).where(o.id < 3),
            "35.355339059"
        )
        QueryCase.rows("variance", without: [.sqlite], o.select(variance(o.total).expression).where(o.id < 3), "1250.0")
    }

    private static let groups: [QueryCase] = cases {
        QueryCase.rows(
            "group by",
            o.select(o.customerID, sum(o.total).expression).groupBy(o.customerID).orderBy(o.customerID),
            "1|150",
            "2|70",
            "3|100"
        )
        QueryCase.rows(
            "group by two",
            o.select(o.customerID, o.paid, count().expression).groupBy(o.customerID, o.paid).orderBy(
                o.customerID,
                o.paid
            ),
            "1|false|1",
            "1|true|1",
            "2|true|1",
            "3|false|1",
            "3|true|1"
        )
        QueryCase.rows(
            "group by an expression",
            o.select(o.total / 50, count().expression).groupBy(o.total / 50).orderBy(min(o.id)).limit(1),
            "2|1"
        )
        QueryCase.rows(
            "group by NULL",
            c.select(c.city, count().expression).groupBy(c.city).orderBy(c.city.ascending.nullsFirst),
            "nil|1",
            "Köln|2",
            "Lisboa|1",
            "Paris|1"
        )
        QueryCase.rows(
            "having",
            o.select(o.customerID).groupBy(o.customerID).having(count().expression > 1).orderBy(o.customerID),
            "1",
            "3"
        )
        QueryCase.rows(
            "having twice",
            o.select(o.customerID).groupBy(o.customerID).having(count().expression > 1).having(
                sum(o.total).expression > 100
            ),
            "1"
        )
        QueryCase.rows("having without groups", o.select(count().expression).having(count().expression > 100))
        QueryCase.rows(
            "order by an aggregate",
            o.select(o.customerID).groupBy(o.customerID).orderBy(sum(o.total).expression.descending),
            "1",
            "3",
            "2"
        )
        QueryCase.rows(
            "rollup",
            without: [.sqlite],
            o.select(o.customerID.optional, sum(o.total).expression).groupBy(Grouping.rollup(o.customerID)).having(
                sum(o.total).expression > 300
            ),
            "nil|320"
        )
        QueryCase.rows(
            "cube",
            without: notPostgreSQL,
            o.select(o.customerID.optional, sum(o.total).expression).groupBy(Grouping.cube(o.customerID, o.paid))
                .having(sum(o.total).expression > 300),
            "nil|320"
        )
        QueryCase.rows(
            "grouping sets",
            without: notPostgreSQL,
            o.select(o.customerID.optional, count().expression).groupBy(Grouping.sets([o.customerID], [])).orderBy(
                o.customerID.ascending.nullsLast
            ),
            "1|2",
            "2|1",
            "3|2",
            "nil|5"
        )
        QueryCase.rows(
            "grouping of a rollup",
            without: [.sqlite, .mariadb],
            o.select(grouping(o.customerID), count().expression).groupBy(Grouping.rollup(o.customerID)).having(
                count().expression > 4
            ),
            "1|5"
        )
    }

    private static let windows: [QueryCase] = cases {
        QueryCase.each("row number", rowNumber().over(orderBy: [o.total.descending, o.id]), "1 4 2 3 5")
        QueryCase.each("rank", rank().over(orderBy: [o.total]), "5 2 3 3 1")
        QueryCase.each("dense rank", denseRank().over(orderBy: [o.total]), "4 2 3 3 1")
        QueryCase.each("percent rank", percentRank().over(orderBy: [o.total]), "1.0 0.25 0.5 0.5 0.0")
        QueryCase.each(
            "cumulative distribution",
            cumulativeDistribution().over(orderBy: [o.total]),
            "1.0 0.4 0.8 0.8 0.2"
        )
        QueryCase.each("ntile", ntile(2).over(orderBy: [o.id]), "1 1 1 2 2")
        QueryCase.each("lag", lag(o.total).over(orderBy: [o.id]), "nil 100 50 70 70")
        QueryCase.each("lag by two", lag(o.total, 2).over(orderBy: [o.id]), "nil nil 100 50 70")
        QueryCase.each(
            "lag with a default",
            without: [.mariadb],
            lag(o.total, 1, default: 0).over(orderBy: [o.id]),
            "0 100 50 70 70"
        )
        QueryCase.each("lead", lead(o.total).over(orderBy: [o.id]), "50 70 70 30 nil")
        QueryCase.each(
            "lead with a default",
            without: [.mariadb],
            lead(o.total, 1, default: -1).over(orderBy: [o.id]),
            "50 70 70 30 -1"
        )
        QueryCase.each(
            "first value",
            firstValue(o.total).over(partitionBy: [o.customerID], orderBy: [o.id]),
            "100 100 70 70 70"
        )
        QueryCase.each(
            "last value",
            lastValue(o.total).over(orderBy: [o.id], .rows(.unboundedPreceding, .unboundedFollowing)),
            "30 30 30 30 30"
        )
        QueryCase.each(
            "nth value",
            nthValue(o.total, 2).over(orderBy: [o.id], .rows(.unboundedPreceding, .unboundedFollowing)),
            "50 50 50 50 50"
        )
        QueryCase.each("running total", sum(o.total).over(orderBy: [o.id]), "100 150 220 290 320")
        QueryCase.each("total of a partition", sum(o.total).over(partitionBy: [o.customerID]), "150 150 70 100 100")
        QueryCase.each("total of all", sum(o.total).over(), "320 320 320 320 320")
        QueryCase.each(
            "moving sum",
            sum(o.total).over(orderBy: [o.id], .rows(.preceding(1), .currentRow)),
            "100 150 120 140 100"
        )
        QueryCase.each(
            "sum of neighbours",
            sum(o.total).over(orderBy: [o.id], .rows(.preceding(1), .following(1))),
            "150 220 190 170 100"
        )
        QueryCase.each(
            "sum of what follows",
            sum(o.total).over(orderBy: [o.id], .rows(.following(1), .unboundedFollowing)),
            "220 170 100 30 nil"
        )
        QueryCase.each(
            "range frame",
            count().over(orderBy: [o.total], .range(.unboundedPreceding, .currentRow)),
            "5 2 4 4 1"
        )
        QueryCase.each(
            "groups frame",
            without: [.mysql, .mariadb],
            count().over(orderBy: [o.total], .groups(.preceding(1), .currentRow)),
            "3 2 3 3 1"
        )
        QueryCase.each(
            "frame without the current row",
            without: [.mysql, .mariadb],
            sum(o.total).over(orderBy: [o.id], .rows(.unboundedPreceding, .unboundedFollowing, excluding: .currentRow)),
            "220 270 250 250 290"
        )
        QueryCase.each(
            "average over a window",
            average(o.total).over(partitionBy: [o.customerID]),
            "75.0 75.0 70.0 50.0 50.0"
        )
        QueryCase.each("count over a window", count().over(partitionBy: [o.customerID]), "2 2 1 2 2")
        QueryCase.each("greatest over a window", max(o.total).over(partitionBy: [o.customerID]), "100 100 70 70 70")
        QueryCase.each("a window in arithmetic", o.total * 100 / sum(o.total).over().required, "31 15 21 21 9")
        QueryCase.each(
            "two keys of a window",
            rowNumber().over(partitionBy: [o.paid], orderBy: [o.total, o.id]),
            "3 2 1 2 1"
        )
    }
}
