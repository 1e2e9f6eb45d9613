import Roost
import RoostQuery

extension DefinitionCases {
    static let changes: [DefinitionCase] = [
        DefinitionCase(
            name: "columns added, renamed, dropped; the table renamed",
            before: [colours.create(), boxes, things],
            definitions: [
                b.alter().drop(column: "note").add(b.define(\.note, .varchar(30)).default("new")).rename(
                    column: "note",
                    to: "remark"
                ),
                t.alter().rename(to: "item"),
            ],
            check: { connection in
                try await connection.execute(b.insert(\.id, \.code).values(1, "a"))
                try await connection.execute("insert into item (box_id, place, name) values (1, 2, 'n')")
                return try await connection.query("select box_id, place, remark from item join box on box.id = box_id")
                    .decode(
                        (Int, Int, String).self
                    ).fetchAll(limit: 3).map(describe)
            },
            expected: ["1|2|new"]
        ),
        DefinitionCase(
            name: "a column changed as a whole",
            without: [.sqlite],
            before: [colours.create(), boxes, things],
            definitions: [
                b.alter().change(b.define(\.note, .varchar(200)).default("changed")),
                t.alter().change(t.define(\.place, .int16)),
            ],
            check: { connection in
                try await connection.execute(b.insert(\.id, \.code).values(50, "a"))
                let long = String(repeating: "x", count: 150)
                let insert = b.insert(\.code, \.width, \.note)
                try await connection.execute(insert.values("b", 300, long))
                let notes = try await connection.fetchAll(b.select(b.note).orderBy(b.code), limit: 3)
                let wide = await failure {
                    try await connection.execute(t.insert(\.boxID, \.place, \.name).values(50, 40_000, "x"))
                }
                return notes.map { String(describe($0 as Any).prefix(8)) } + [wide]
            },
            expected: ["changed", "xxxxxxxx", "valueOutOfRange"]
        ),
        DefinitionCase(
            name: "type and NOT NULL changed alone",
            without: [.sqlite, .mysql, .mariadb],
            before: [colours.create(), boxes],
            definitions: [
                b.alter().setType(b.define(\.note, .varchar(99))).setNullable(\.note, false).setNullable(\.note, true)
            ]
        ),
        DefinitionCase(
            name: "values changed with their type",
            without: [.sqlite, .mysql, .mariadb],
            before: [colours.create(), boxes],
            definitions: [b.alter().change(b.define(\.code, .varchar(40)), using: b.width.cast(to: String.self))]
        ),
        DefinitionCase(
            name: "defaults set and dropped",
            without: [.sqlite],
            before: [colours.create(), boxes],
            definitions: [b.alter().setDefault(\.height, to: 9).setDefault(\.note, to: "n").dropDefault(\.note)],
            check: { connection in
                try await connection.execute(b.insert(\.code).values("a"))
                return try await connection.fetchAll(b.select(b.height, b.note), limit: 2).map(describe)
            },
            expected: ["9|nil"]
        ),
        DefinitionCase(
            name: "constraints added and dropped",
            without: [.sqlite],
            before: [colours.create(), boxes],
            definitions: [
                b.alter().add(.check("box_width", b.width < 100)).add(.unique(\.note, named: "box_note"))
                    .drop(constraint: "box_note"),
                t.create(t.define(\.name, .varchar(20))),
                t.alter().add(.primaryKey(\.boxID, \.place)).add(
                    .foreignKey(\.boxID, references: Boxes.self, \.id, onUpdate: .cascade, named: "thing_of_box")
                ).drop(constraint: "thing_of_box").dropPrimaryKey(),
            ],
            check: { connection in
                try await connection.execute(b.insert(\.code, \.note).values("a", "n").values("b", "n"))
                try await connection.execute(t.insert(\.boxID, \.place, \.name).values(99, 0, "x").values(99, 0, "x"))
                return [await failure { try await connection.execute(b.insert(\.code, \.width).values("c", 100)) }]
            },
            expected: ["checkViolation"]
        ),
        DefinitionCase(
            name: "a constraint renamed",
            without: [.sqlite, .mysql, .mariadb],
            before: [colours.create(), boxes],
            definitions: [b.alter().rename(constraint: "box_code", to: "box_code_unique")]
        ),
        DefinitionCase(
            name: "the time as default",
            definitions: [
                k.create(k.define(\.text, .varchar(10)), k.define(\.stamp).default(currentTimestamp()))
            ],
            check: { connection in
                try await connection.execute(
                    k.insert(\.flag, \.large, \.real, \.price, \.text, \.day, \.clock, \.moment)
                        .values(
                            true,
                            1,
                            1,
                            read("1"),
                            "t",
                            read("2024-02-29"),
                            read("12:00:00"),
                            read("2024-02-29 12:00:00")
                        )
                )
                let stamp = try await connection.fetchOnly(k.select(k.stamp))
                return ["\((stamp?.microsecondsSinceEpoch ?? 0) > 1_600_000_000_000_000)"]
            },
            expected: ["true"]
        ),
    ]
}
