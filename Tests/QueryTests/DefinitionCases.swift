import Roost
import RoostQuery

/// One definition: what is there before, what it makes, and how that behaves on every engine that has it.
struct DefinitionCase: Sendable, CustomStringConvertible {
    let name: String
    /// Engines that must say `notSupported`.
    var without: Set<QueryEngine> = []
    var before: [any DataDefinition] = []
    let definitions: [any DataDefinition]
    /// Engines where it cannot be run beside other tests: its text alone is looked at.
    var textAlone: Set<QueryEngine> = []
    /// What is seen afterwards.
    var check: @Sendable (any Connection) async throws -> [String] = { _ in [] }
    var expected: [String] = []

    var description: String { name }
}

enum Colour: String, QueryValue, CaseIterable { case red, green, blue = "light 'blue'" }

struct Boxes: Table {
    static let tableName = "box"
    let id = Column<Int>("id")
    let code = Column<String>("code")
    let colour = Column<Colour>("colour")
    let width = Column<Int>("width")
    let height = Column<Int>("height")
    let area = Column<Int?>("area")
    let note = Column<String?>("note")
}

struct Things: Table {
    static let tableName = "thing"
    let boxID = Column<Int>("box_id")
    let place = Column<Int>("place")
    let name = Column<String>("name")
}

/// A column of each type.
struct Kinds: Table {
    static let tableName = "kind"
    let flag = Column<Bool>("flag")
    let small = Column<Int16?>("small")
    let medium = Column<Int32?>("medium")
    let large = Column<Int>("large")
    let real = Column<Double>("real_number")
    let price = Column<BigDecimal>("price")
    let text = Column<String>("text_value")
    let day = Column<LocalDate>("day_value")
    let clock = Column<LocalTime>("clock_value")
    let moment = Column<LocalDateTime>("moment_value")
    let json = Column<JSON?>("json_value")
    let stamp = Column<Instant?>("stamp_value")
}

struct Wide: Table {
    static let tableName = "wide_box"
    let code = Column<String>("code")
    let width = Column<Int>("width")
}

enum DefinitionCases {
    static let colours = EnumerationType("colour", of: Colour.self)
    static let b = Boxes.table
    static let t = Things.table
    static let k = Kinds.table

    /// A table that every engine can have.
    static var boxes: CreateTable<Boxes> {
        b.create(
            b.define(\.id).identity(),
            b.define(\.code, .varchar(20)),
            b.define(\.colour, .enumeration(colours)).default(.red),
            b.define(\.width).default(-1),
            b.define(\.height).default(2),
            b.define(\.area).generated(as: b.width * b.height),
            b.define(\.note, .varchar(40)).default("it's \\ \"so\"; --")
        )
        .constraints(.primaryKey(\.id, named: "box_key"), .unique(\.code, named: "box_code"))
    }

    static var things: CreateTable<Things> {
        t.create(t.define(\.name, .varchar(20)))
            .constraints(
                .primaryKey(\.boxID, \.place),
                .foreignKey(\.boxID, references: Boxes.self, \.id, onDelete: .cascade, named: "thing_box"),
                .check("thing_place", t.place >= 0 && t.name != "no'thing")
            )
    }

    static func read<V: LosslessStringConvertible>(_ text: String) -> V {
        guard let value = V(text) else { fatalError("\(text) is no \(V.self)") }
        return value
    }

    /// The condition of what went wrong.
    static func failure(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "no error"
        } catch {
            return (error as? DatabaseError)?.condition.rawValue ?? "\(error)"
        }
    }

    static let all = tables + changes + indexes + objects

    static let tables: [DefinitionCase] = [
        DefinitionCase(
            name: "a table with a key, numbers, defaults, an enumeration and a generated column",
            definitions: [colours.create(), boxes],
            check: { connection in
                try await connection.execute(b.insert(\.code, \.width, \.height).values("a", 3, 4))
                try await connection.execute(b.insert(\.code, \.colour).values("b", .blue))
                let rows = try await connection.fetchAll(
                    b.select(b.id, b.code, b.colour, b.area, b.note).orderBy(b.id),
                    limit: 5
                )
                let twice = await failure { try await connection.execute(b.insert(\.code).values("a")) }
                return rows.map(describe) + [twice]
            },
            expected: [
                "1|a|red|12|it's \\ \"so\"; --", "2|b|blue|-2|it's \\ \"so\"; --", "uniqueViolation",
            ]
        ),
        DefinitionCase(
            name: "a value that is none of an enumeration's",
            before: [colours.create(), boxes],
            definitions: [],
            check: { connection in
                [
                    await failure {
                        try await connection.execute("insert into box (code, colour) values ('x', 'pink')")
                    } == "no error" ? "taken" : "refused"
                ]
            },
            expected: ["refused"]
        ),
        DefinitionCase(
            name: "foreign keys that cascade, keys of two columns, checks",
            before: [colours.create(), boxes],
            definitions: [things],
            check: { connection in
                try await connection.execute(b.insert(\.id, \.code).values(7, "a").values(8, "b"))
                let insert = t.insert(\.boxID, \.place, \.name)
                try await connection.execute(insert.values(7, 0, "x").values(7, 1, "y").values(8, 0, "z"))
                var seen: [String] = []
                for (row, place, name) in [(9, 0, "q"), (7, -1, "q"), (8, 5, "no'thing"), (7, 1, "again")] {
                    seen.append(await failure { try await connection.execute(insert.values(row, place, name)) })
                }
                try await connection.execute(b.delete().where(b.id == 7))
                return seen + (try await connection.fetchAll(t.select(t.boxID, t.name), limit: 5).map(describe))
            },
            expected: [
                "foreignKeyViolation", "checkViolation", "checkViolation", "uniqueViolation", "8|z",
            ]
        ),
        DefinitionCase(
            name: "a column of each type, with defaults",
            definitions: [
                k.create(
                    k.define(\.flag).default(true),
                    k.define(\.small).default(nil),
                    k.define(\.real).default(0.25),
                    k.define(\.price, .decimal(precision: 12, scale: 2)).default(read("-12.50")),
                    k.define(\.text).default("Ω'\\"),
                    k.define(\.day).default(read("2024-02-29")),
                    k.define(\.clock).default(read("12:34:56.5")),
                    k.define(\.moment).default(read("2024-02-29 12:34:56.25")),
                    k.define(\.json).default(JSON(#"{"a": "it's"}"#))
                )
            ],
            check: { connection in
                try await connection.execute(k.insert(\.large).values(.max))
                let row = try await connection.fetchOnly(
                    k.select(k.flag, k.small, k.large, k.real, k.price, k.text, k.day, k.clock, k.moment)
                )
                let json = try await connection.fetchOnly(k.select(k.json))
                return [describe(row), describe(json as Any)]
            },
            expected: [
                "true|nil|9223372036854775807|0.25|-12.5|Ω'\\|2024-02-29|12:34:56.5|2024-02-29T12:34:56.25",
                #"{"a":"it's"}"#,
            ]
        ),
        DefinitionCase(
            name: "a table if there is none",
            before: [colours.create(), boxes],
            definitions: [
                b.create(ifNotExists: true), t.drop(ifExists: true),
                Wide.table.create(Wide.table.define(\.code, .varchar(9)), temporary: true),
            ],
            check: { connection in
                try await connection.execute(Wide.table.insert(\.code, \.width).values("t", 1))
                return try await connection.fetchAll(Wide.table.select(Wide.table.code), limit: 2)
            },
            expected: ["t"]
        ),
        DefinitionCase(
            name: "a table of a query's rows",
            before: [colours.create(), boxes],
            definitions: [Wide.table.create(as: b.select(b.code, b.width).where(b.code != "x'"))],
            check: { connection in
                try await connection.fetchAll(Wide.table.select(Wide.table.code), limit: 2)
            }
        ),
        DefinitionCase(
            name: "comments",
            without: [.sqlite],
            before: [colours.create()],
            definitions: [
                t.create(t.define(\.name, .varchar(20)).comment("what it's called")).comment("in a box"),
                t.comment("in a box; or not"),
            ]
        ),
        DefinitionCase(
            name: "comments on columns alone",
            without: [.sqlite, .mysql, .mariadb],
            before: [t.create()],
            definitions: [t.comment(on: \.name, "its name"), t.comment(on: \.name, nil), t.comment(nil)]
        ),
        DefinitionCase(
            name: "deferred foreign keys",
            without: [.mysql, .mariadb],
            before: [colours.create(), boxes],
            definitions: [
                t.create().constraints(.foreignKey(\.boxID, references: Boxes.self, \.id, isDeferred: true))
            ],
            check: { connection in
                try await connection.begin()
                try await connection.execute(t.insert(\.boxID, \.place, \.name).values(70, 0, "first"))
                try await connection.execute(b.insert(\.id, \.code).values(70, "then"))
                try await connection.commit()
                return try await connection.fetchAll(t.select(t.name), limit: 2)
            },
            expected: ["first"]
        ),
        DefinitionCase(
            name: "numbers always by the engine, from a start, in steps",
            without: [.sqlite, .mysql, .mariadb],
            before: [colours.create()],
            definitions: [
                b.create(
                    b.define(\.id).identity(always: true, startingAt: 100, by: 10),
                    b.define(\.colour, .enumeration(colours)).default(.green)
                ).constraints(.primaryKey(\.id))
            ],
            check: { connection in
                let insert = b.insert(\.code, \.width, \.height)
                try await connection.execute(insert.values("a", 1, 1).values("b", 1, 1))
                return try await connection.fetchAll(b.select(b.id).orderBy(b.id), limit: 3).map(String.init)
            },
            expected: ["100", "110"]
        ),
        DefinitionCase(
            name: "numbers from a start",
            without: [.sqlite],
            definitions: [
                Wide.table.create(
                    Wide.table.define(\.code, .varchar(9)),
                    Wide.table.define(\.width).identity(startingAt: 50)
                )
                .constraints(.primaryKey(\.width))
            ],
            check: { connection in
                try await connection.execute(Wide.table.insert(\.code).values("a"))
                return try await connection.fetchAll(Wide.table.select(Wide.table.width), limit: 3).map(String.init)
            },
            expected: ["50"]
        ),
        DefinitionCase(
            name: "a virtual generated column",
            without: [.postgresql],
            definitions: [
                b.create(
                    b.define(\.code, .varchar(20)),
                    b.define(\.colour, .varchar(20)),
                    b.define(\.area).generated(as: b.width + b.height * 2, stored: false)
                ).constraints(.primaryKey(\.id))
            ],
            check: { connection in
                let insert = b.insert(\.id, \.code, \.colour, \.width, \.height)
                try await connection.execute(insert.values(1, "a", .red, 1, 4))
                return try await connection.fetchAll(b.select(b.area), limit: 3).map(describe)
            },
            expected: ["9"]
        ),
        DefinitionCase(
            name: "two NULL that are the same",
            without: [.sqlite, .mysql, .mariadb],
            definitions: [
                b.create(b.define(\.code, .varchar(20)), b.define(\.note, .varchar(20)))
                    .constraints(.unique(\.note, nullsNotDistinct: true, named: "box_note"))
            ]
        ),
        DefinitionCase(
            name: "an array",
            without: [.sqlite, .mysql, .mariadb],
            definitions: [t.create(t.define(\.name, .array(.text)))]
        ),
        DefinitionCase(
            name: "dropping with what refers to it",
            without: [.sqlite, .mysql, .mariadb],
            before: [colours.create(), boxes, things],
            definitions: [b.drop(cascade: true)]
        ),
    ]
}
