import Roost
import RoostQuery

extension DefinitionCases {
    static let indexes: [DefinitionCase] = [
        DefinitionCase(
            name: "a unique index, descending",
            before: [colours.create(), boxes],
            definitions: [b.index("box_by_note", on: b.note, b.width.descending).unique().create()],
            check: { connection in
                let insert = b.insert(\.code, \.width, \.note)
                try await connection.execute(insert.values("a", 1, "n").values("b", 2, "n"))
                return [await failure { try await connection.execute(insert.values("c", 1, "n")) }]
            },
            expected: ["uniqueViolation"]
        ),
        DefinitionCase(
            name: "a partial index with values",
            without: [.mysql, .mariadb],
            before: [colours.create(), boxes],
            definitions: [
                b.index("box_by_note", on: b.note).unique().where(b.width > 10 && b.code != "it's").create()
            ],
            check: { connection in
                let insert = b.insert(\.code, \.width, \.note)
                try await connection.execute(insert.values("a", 1, "n").values("b", 1, "n").values("c", 11, "n"))
                return [await failure { try await connection.execute(insert.values("d", 12, "n")) }]
            },
            expected: ["uniqueViolation"]
        ),
        DefinitionCase(
            name: "an index on expressions",
            without: [.mariadb],
            before: [colours.create(), boxes],
            definitions: [b.index("box_lower", on: b.code.lowercased(), (b.width + 1).descending).unique().create()],
            check: { connection in
                let insert = b.insert(\.code, \.width)
                try await connection.execute(insert.values("a", 1).values("b", 1))
                return [await failure { try await connection.execute(insert.values("A", 1)) }]
            },
            expected: ["uniqueViolation"]
        ),
        DefinitionCase(
            name: "a covering index",
            without: [.sqlite, .mysql, .mariadb],
            before: [colours.create(), boxes],
            definitions: [b.index("box_cover", on: b.width).including(\.code, \.note).create()]
        ),
        DefinitionCase(
            name: "a covering unique index",
            without: [.sqlite, .mysql, .mariadb],
            before: [colours.create(), boxes],
            definitions: [b.index("box_cover", on: b.width).unique().including(\.code).create()]
        ),
        DefinitionCase(
            name: "an index by a method",
            without: [.sqlite],
            before: [colours.create(), boxes],
            definitions: [b.index("box_method", on: b.width).using(.btree).create()]
        ),
        DefinitionCase(
            name: "an index of the words of a text",
            without: [.sqlite, .postgresql],
            before: [colours.create(), boxes],
            definitions: [b.index("box_words", on: b.note).using(.fullText).create()]
        ),
        DefinitionCase(
            name: "an index whose NULL come first",
            without: [.sqlite, .mysql, .mariadb],
            before: [colours.create(), boxes],
            definitions: [b.index("box_nulls", on: b.note.descending.nullsLast).create()]
        ),
        DefinitionCase(
            name: "an index beside writers",
            without: [.sqlite],
            before: [colours.create(), boxes],
            definitions: [b.index("box_online", on: b.width).create(concurrently: true)],
            textAlone: [.postgresql]
        ),
        DefinitionCase(
            name: "an index if there is none",
            without: [.mysql],
            before: [colours.create(), boxes, b.index("box_width", on: b.width).create()],
            definitions: [
                b.index("box_width", on: b.height).create(ifNotExists: true),
                b.index("box_none", on: b.width).drop(ifExists: true),
            ]
        ),
        DefinitionCase(
            name: "an index dropped",
            before: [colours.create(), boxes, b.index("box_width", on: b.width).create()],
            definitions: [b.index("box_width", on: b.width).drop(), b.index("box_width", on: b.height).create()]
        ),
    ]

    static let numbers = SequenceDefinition(
        "box_number",
        startingAt: 1_000,
        by: 5,
        minimum: 10,
        maximum: 1_010,
        cache: 1,
        cycles: true
    )

    static let objects: [DefinitionCase] = [
        DefinitionCase(
            name: "a sequence",
            without: [.sqlite, .mysql],
            definitions: [numbers.create()],
            check: { connection in
                var seen: [String] = []
                for _ in 0..<4 { seen.append("\(try await connection.fetchOnly(select(numbers.next)))") }
                return seen
            },
            expected: ["1000", "1005", "1010", "10"]
        ),
        DefinitionCase(
            name: "a sequence changed",
            without: [.sqlite, .mysql],
            before: [numbers.create()],
            definitions: [
                SequenceDefinition("box_number", by: 1, maximum: 9_999, cache: 20).alter(restartingAt: 2_000)
            ],
            check: { connection in
                _ = try await connection.fetchOnly(select(numbers.next))
                return ["\(try await connection.fetchOnly(select(numbers.next)))"]
            },
            expected: ["2001"]
        ),
        DefinitionCase(
            name: "a sequence dropped",
            without: [.sqlite, .mysql],
            before: [numbers.create()],
            definitions: [numbers.drop(), numbers.drop(ifExists: true)]
        ),
        DefinitionCase(
            name: "a view with values, replaced",
            before: [colours.create(), boxes],
            definitions: [
                Wide.table.view(as: b.select(b.code, b.width).where(b.width > 10)).create(),
                Wide.table.view(
                    as: b.select(b.code, b.width)
                        .where(b.width > 5 && b.colour.in([.red, .blue]) && b.code != "'s")
                ).create(replacing: true),
            ],
            check: { connection in
                let insert = b.insert(\.code, \.width, \.colour)
                try await connection.execute(
                    insert.values("a", 3, .red).values("b", 7, .blue).values("c", 70, .green)
                )
                return try await connection.fetchAll(Wide.table.select(Wide.table.code), limit: 3)
            },
            expected: ["b"]
        ),
        DefinitionCase(
            name: "a view dropped",
            before: [colours.create(), boxes, Wide.table.view(as: b.select(b.code, b.width)).create()],
            definitions: [
                Wide.table.view(as: b.select(b.code, b.width)).drop(),
                Wide.table.view(as: b.select(b.code, b.width)).drop(ifExists: true),
            ]
        ),
        DefinitionCase(
            name: "a view that checks what is written",
            without: [.sqlite],
            before: [colours.create(), boxes],
            definitions: [
                Wide.table.view(as: b.select(b.code, b.width).where(b.width > 10)).withCheckOption.create()
            ],
            check: { connection in
                let insert = Wide.table.insert(\.code, \.width)
                try await connection.execute(insert.values("a", 11))
                let reason = await failure { try await connection.execute(insert.values("b", 10)) }
                return [reason == "no error" ? "taken" : "refused"]
            },
            expected: ["refused"]
        ),
        DefinitionCase(
            name: "a materialized view",
            without: [.sqlite, .mysql, .mariadb],
            before: [colours.create(), boxes],
            definitions: [Wide.table.view(as: b.select(b.code, b.width)).materialized.create()],
            check: { connection in
                try await connection.execute(b.insert(\.code).values("a"))
                let view = Wide.table.view(as: b.select(b.code, b.width)).materialized
                let before = try await connection.fetchAll(Wide.table.select(Wide.table.code), limit: 3)
                try await connection.define(view.refresh())
                let after = try await connection.fetchAll(Wide.table.select(Wide.table.code), limit: 3)
                try await connection.define(view.drop())
                return ["\(before.count)"] + after
            },
            expected: ["0", "a"]
        ),
        DefinitionCase(
            name: "an enumeration that grows",
            without: [.sqlite, .mysql, .mariadb],
            before: [colours.create(), boxes],
            definitions: [colours.add("pink", before: "green"), colours.rename("green", to: "leaf")],
            check: { connection in
                try await connection.query("select unnest(enum_range(null::colour))::text").decode(String.self)
                    .fetchAll(limit: 9)
            },
            expected: ["red", "pink", "leaf", "light 'blue'"]
        ),
        DefinitionCase(
            name: "an enumeration dropped",
            before: [colours.create()],
            definitions: [colours.drop(), colours.drop(ifExists: true)]
        ),
        DefinitionCase(
            name: "a schema",
            without: [.sqlite],
            definitions: [
                NamespaceDefinition("roost_definitions_here").create(),
                NamespaceDefinition("roost_definitions_here").drop(cascade: true),
            ],
            textAlone: Set(QueryEngine.allCases)
        ),
        DefinitionCase(
            name: "a schema if there is none",
            without: [.sqlite],
            definitions: [
                NamespaceDefinition("roost_definitions_there").create(ifNotExists: true),
                NamespaceDefinition("roost_definitions_there").drop(ifExists: true, cascade: true),
            ],
            textAlone: Set(QueryEngine.allCases)
        ),
        DefinitionCase(
            name: "an empty schema dropped",
            without: [.sqlite, .mysql, .mariadb],
            definitions: [
                NamespaceDefinition("roost_definitions_empty").create(),
                NamespaceDefinition("roost_definitions_empty").drop(),
            ],
            textAlone: Set(QueryEngine.allCases)
        ),
    ]
}
