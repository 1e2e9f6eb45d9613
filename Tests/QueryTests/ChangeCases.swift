import Roost
import RoostQuery

enum ChangeCases {
    private static let c = Customers.table
    private static let o = Orders.table
    private static let w = Tally.table
    private static let mysqls: Set<QueryEngine> = [.mysql, .mariadb]
    private static let notPostgreSQL: Set<QueryEngine> = [.sqlite, .mysql, .mariadb]

    static let all: [QueryCase] = inserts + upserts + updates + deletes

    private static var words: Select<(String, Int)> { w.select(w.word, w.hits).orderBy(w.word) }
    private static var credits: Select<(Int, Int)> { c.select(c.id, c.credit).where(c.id < 4).orderBy(c.id) }

    private static let inserts: [QueryCase] = cases {
        QueryCase.change("insert", w.insert(\.word, \.hits).values("new", 5), then: words, "new|5", "one|1", "two|2")
        QueryCase.change(
            "insert many",
            w.insert(\.word, \.hits).values([("a", 1), ("b", 2), ("c", 3)]),
            then: w.select(count().expression),
            "5"
        )
        QueryCase.change(
            "insert with a default",
            w.insert(\.word).values("new"),
            then: words,
            "new|1",
            "one|1",
            "two|2"
        )
        QueryCase.change(
            "insert assignments",
            w.insert([w.set(\.word, to: "new"), w.set(\.hits, to: value(2) * 3)]),
            then: words,
            "new|6",
            "one|1",
            "two|2"
        )
        QueryCase.change(
            "insert the default",
            without: [.sqlite],
            w.insert([w.set(\.word, to: "new"), w.setDefault(\.hits)]),
            then: words,
            "new|1",
            "one|1",
            "two|2"
        )
        QueryCase.change(
            "insert from a query",
            w.insert(\.word, \.hits).from(c.select(c.name, c.credit).where(c.id > 3)),
            then: words,
            "Di|40",
            "ed|0",
            "one|1",
            "two|2"
        )
        QueryCase.change(
            "insert nil",
            c.insert(\.id, \.name, \.city).values(9, "Zoë", nil),
            then: c.select(c.name, c.city, c.credit).where(c.id == 9),
            "Zoë|nil|7"
        )
        QueryCase.change(
            "insert hundreds",
            w.insert(\.word, \.hits).values((0..<300).map { ("w\($0)", $0) }),
            then: w.select(count().expression, max(w.hits).expression),
            "302|299"
        )
        QueryCase.rows(
            "insert returning",
            without: [.mysql],
            w.insert(\.word, \.hits).values("new", 5).returning(w.word, w.hits),
            "new|5"
        )
        QueryCase.rows(
            "insert many returning",
            without: [.mysql],
            w.insert(\.word).values("x").values("y").returning(w.hits),
            "1",
            "1"
        )
        QueryCase.rows(
            "insert returning an expression",
            without: [.mysql],
            w.insert(\.word).values("x").returning(w.hits + 1),
            "2"
        )
    }

    private static let upserts: [QueryCase] = cases {
        QueryCase.change(
            "upsert of a row that is there",
            w.insert(\.word, \.hits).values("one", 9).onConflict(
                \.word,
                update: [w.set(\.hits, to: w.excluded(\.hits))]
            ),
            then: words,
            "one|9",
            "two|2"
        )
        QueryCase.change(
            "upsert of a new row",
            w.insert(\.word, \.hits).values("new", 9).onConflict(
                \.word,
                update: [w.set(\.hits, to: w.excluded(\.hits))]
            ),
            then: words,
            "new|9",
            "one|1",
            "two|2"
        )
        QueryCase.change(
            "upsert that counts",
            w.insert(\.word, \.hits).values("two", 5).onConflict(
                \.word,
                update: [w.set(\.hits, to: w.hits + w.excluded(\.hits))]
            ),
            then: words,
            "one|1",
            "two|7"
        )
        QueryCase.change(
            "upsert to a value",
            w.insert(\.word).values("two").onConflict(\.word, update: [w.set(\.hits, to: 0)]),
            then: words,
            "one|1",
            "two|0"
        )
        QueryCase.change(
            "upsert of many",
            w.insert(\.word, \.hits).values("one", 3).values("six", 6).onConflict(
                \.word,
                update: [w.set(\.hits, to: w.excluded(\.hits))]
            ),
            then: words,
            "one|3",
            "six|6",
            "two|2"
        )
        QueryCase.change(
            "upsert that does nothing",
            w.insert(\.word, \.hits).values("one", 3).values("six", 6).onConflictDoNothing(\.word),
            then: words,
            "one|1",
            "six|6",
            "two|2"
        )
        QueryCase.change(
            "upsert with a condition",
            without: mysqls,
            w.insert(\.word, \.hits).values("one", 0).onConflict(
                \.word,
                update: [w.set(\.hits, to: w.excluded(\.hits))],
                where: w.hits < w.excluded(\.hits)
            ),
            then: words,
            "one|1",
            "two|2"
        )
        QueryCase.change(
            "upsert from a query",
            w.insert(\.word, \.hits).from(c.select(c.name.typed(String.self), c.credit).where(c.id == 2)).onConflict(
                \.word,
                update: [w.set(\.hits, to: 1)]
            ),
            then: w.select(count().expression),
            "3"
        )
        QueryCase.rows(
            "upsert returning",
            without: [.mysql],
            w.insert(\.word, \.hits).values("two", 5).onConflict(
                \.word,
                update: [w.set(\.hits, to: w.excluded(\.hits))]
            ).returning(w.hits),
            "5"
        )
    }

    private static let updates: [QueryCase] = cases {
        QueryCase.change(
            "update",
            c.update(c.set(\.credit, to: 1)).where(c.id == 2),
            then: credits,
            "1|10",
            "2|1",
            "3|30"
        )
        QueryCase.change(
            "update by an expression",
            c.update(c.set(\.credit, to: c.credit + 1)).where(c.id < 3),
            then: credits,
            "1|11",
            "2|21",
            "3|30"
        )
        QueryCase.change(
            "update of two columns",
            c.update(c.set(\.credit, to: 0), c.set(\.city, to: "X")).where(c.id == 1),
            then: c.select(c.credit, c.city).where(c.id == 1),
            "0|X"
        )
        QueryCase.change(
            "update to nil",
            c.update(c.set(\.city, to: nil)).where(c.id == 1),
            then: c.select(c.city).where(c.id == 1),
            "nil"
        )
        QueryCase.change(
            "update of every row",
            c.update(c.set(\.credit, to: 3)).everyRow(),
            then: credits,
            "1|3",
            "2|3",
            "3|3"
        )
        QueryCase.change(
            "update without a condition",
            c.update(c.set(\.credit, to: 3)),
            then: credits,
            "1|10",
            "2|20",
            "3|30"
        )
        QueryCase.change(
            "update to a subquery",
            c.update(c.set(\.credit, to: o.select(sum(o.total).expression).where(o.customerID == c.id).scalar)).where(
                c.id < 4
            ),
            then: credits,
            "1|150",
            "2|70",
            "3|100"
        )
        QueryCase.change(
            "update by membership",
            c.update(c.set(\.credit, to: 0)).where(c.id.in(o.select(o.customerID).where(o.total == 70))),
            then: credits,
            "1|10",
            "2|0",
            "3|0"
        )
        QueryCase.change(
            "update from another table",
            c.update(c.set(\.credit, to: o.total)).from(o).where(o.customerID == c.id && o.total == 70),
            then: credits,
            "1|10",
            "2|70",
            "3|70"
        )
        QueryCase.change(
            "update by case",
            c.update(c.set(\.credit, to: when(c.id == 1, then: 1).otherwise(2))).where(c.id < 4),
            then: credits,
            "1|1",
            "2|2",
            "3|2"
        )
        QueryCase.rows(
            "update returning",
            without: mysqls,
            c.update(c.set(\.credit, to: c.credit * 2)).where(c.id == 2).returning(c.id, c.credit),
            "2|40"
        )
    }

    private static let deletes: [QueryCase] = cases {
        QueryCase.change("delete", w.delete().where(w.word == "one"), then: words, "two|2")
        QueryCase.change("delete every row", w.delete().everyRow(), then: words)
        QueryCase.change("delete without a condition", w.delete(), then: words, "one|1", "two|2")
        QueryCase.change(
            "delete by membership",
            c.delete().where(c.id.in(o.select(o.customerID))),
            then: c.select(c.id).orderBy(c.id),
            "4",
            "5"
        )
        QueryCase.change(
            "delete using another table",
            c.delete().using(o).where(o.customerID == c.id && o.total > 60),
            then: c.select(c.id).orderBy(c.id),
            "4",
            "5"
        )
        QueryCase.change(
            "delete by exists",
            c.delete().where(o.select(o.id).where(o.customerID == c.id).notExists),
            then: c.select(c.id).orderBy(c.id),
            "1",
            "2",
            "3"
        )
        QueryCase.rows(
            "delete returning",
            without: [.mysql],
            w.delete().where(w.word == "one").returning(w.word),
            "one"
        )
        QueryCase.change(
            "merge",
            without: notPostgreSQL,
            w.merge(using: c, on: w.hits == c.id).whenMatched(c.id == 1, update: [w.set(\.hits, to: 100)])
                .whenMatchedDelete().whenNotMatched(insert: [w.set(\.word, to: c.name), w.set(\.hits, to: c.id)]),
            then: words,
            "Cy|3",
            "Di|4",
            "ed|5",
            "one|100"
        )
        QueryCase.rows(
            "common table that deletes",
            without: notPostgreSQL,
            {
                let gone = w.delete().everyRow().returning(w.hits).commonTable(as: Numbers.self)
                return gone.table.select(sum(gone.table.n).expression).with(gone)
            }(),
            "3"
        )
    }
}
