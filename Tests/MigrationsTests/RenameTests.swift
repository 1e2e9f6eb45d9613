import Roost
import RoostMigrations
import RoostSchema
import RoostTestSupport
import Testing

/// What has another name is not dropped and created without being asked.
@Suite(.timeLimit(.minutes(10))) struct RenameTests {
    /// One name of a hundred changes: never without a question, and with the answer what is in it is kept.
    @Test(arguments: 0..<100) func noRenameBecomesADrop(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let names = ["name", "city", "born", "credit", "note", "total", "placed", "customer_id"]
        let words = ["full_name", "label", "place", "since", "x", "amount", "remark", "client", "Name2"]
        let isTable = seed % 4 == 0
        let old = try #require(
            isTable ? ["customer", "orders", "tag"].randomElement(using: &random) : names.randomElement(using: &random)
        )
        let new = try #require(words.randomElement(using: &random)) + "_\(seed)"
        let text = DesiredChange.base.replacing(
            try Regex(isTable ? "table \(old) |on \(old) " : "\\b\(old)\\b"),
            with: { $0.output[0].substring.map { $0.replacing(old, with: new) } ?? "" }
        )
        let connection = try await TestEngine.drivers.connect(try ConnectionConfiguration("sqlite::memory:"))
        try await connection.run(text)
        let desired = try await Schema.read(from: connection)
        let other = try await TestEngine.drivers.connect(try ConnectionConfiguration("sqlite::memory:"))
        try await other.run(DesiredChange.base + DesiredChange.baseRows)
        var generator = try await MigrationGenerator.from(other, to: desired)
        let question = try #require(generator.questions.first)
        #expect(question.from.name == old && question.to.name == new)
        let error = #expect(throws: MigrationError.self) {
            try generator.templates(parents: [], description: "rename") { "r" }
        }
        #expect(error?.hint?.contains("--rename \(question.path)=\(new)") == true)
        generator.renames.add(question)
        #expect(generator.questions.isEmpty)
        let statements = try generator.current.definitions(of: generator.changes, to: desired)
        #expect(!statements.contains { $0.uppercased().contains("DROP ") }, "\(statements)")
        for statement in statements { try await other.execute(Statement(unsafe: statement)) }
        #expect(try await MigrationGenerator.from(other, to: desired).changes.isEmpty)
        await connection.close()
        await other.close()
    }

    /// A hundred new names at once: forty tables and a column of each, and another column in each of twenty further tables.
    private struct Names {
        /// The columns beside the first, each of another type.
        static let types = ["varchar(40)", "decimal(10,2)", "date", "bigint"]
        static let words = ["order", "group by", "naïve", "it's", "Label", "x", "select", "sum", "place 2", "since"]

        var tables: [(old: String, new: String)] = []
        /// By table, each with its column's number.
        var columns: [[(number: Int, new: String)]] = []

        init(seed: UInt64) {
            var random = SeededGenerator(seed: seed)
            for number in 0..<60 {
                let word = Self.words[Int.random(in: 0..<Self.words.count, using: &random)]
                let old = "shop_\(number)"
                tables.append((old, number < 40 ? "\(word) \(number)" : old))
                let column = Int.random(in: 0..<Self.types.count, using: &random)
                columns.append([(column, "\(word)_\(number)")])
            }
        }

        var count: Int { tables.count { $0.old != $0.new } + columns.count }

        /// The statements that make them.
        func script(_ dialect: Dialect, areNew: Bool) -> [Statement] {
            tables.indices.map { number in
                var statement: Statement =
                    "create table \(identifier: areNew ? tables[number].new : tables[number].old) (id_\(unsafe: "\(number)") integer"
                for (place, type) in Self.types.enumerated() {
                    let name = column(place, of: number, isNew: areNew)
                    statement.append(", \(identifier: name) \(unsafe: type)")
                }
                statement.append(")")
                return statement
            }
        }

        func column(_ place: Int, of table: Int, isNew: Bool) -> String {
            let new = isNew ? columns[table].first { $0.number == place }?.new : nil
            return new ?? "c\(place)_\(table)"
        }
    }

    @Test(arguments: TestEngine.running) func noneOfAHundredRenamesBecomesADrop(engine: TestEngine) async throws {
        let names = Names(seed: 20_261_126)
        #expect(names.count == 100)
        try await engine.withDatabase { database in
            let first = try await TestEngine.drivers.connect(database)
            for statement in names.script(first.dialect, areNew: true) { try await first.execute(statement) }
            let desired = try await Schema.read(from: first)
            let connection = try await engine.emptied(first)
            for (number, statement) in names.script(first.dialect, areNew: false).enumerated() {
                try await connection.execute(statement)
                try await connection.execute(
                    "insert into \(identifier: names.tables[number].old) values (\(number), 'kept', 1.5, '2020-01-31', \(number))"
                )
            }
            var generator = try await MigrationGenerator.from(connection, to: desired)
            var answered: Set<String> = []
            while !generator.questions.isEmpty {
                #expect(throws: MigrationError.self) { try generator.templates(parents: [], description: "") { "r" } }
                for question in generator.questions {
                    answered.insert("\(question.path) \(question.to.name)")
                    generator.renames.add(question)
                }
            }
            var expected: Set<String> = []
            for (number, table) in names.tables.enumerated() {
                if table.old != table.new { expected.insert("\(table.old) \(table.new)") }
                for column in names.columns[number] {
                    expected.insert("\(table.old).c\(column.number)_\(number) \(column.new)")
                }
            }
            #expect(answered.subtracting(expected).sorted() == [], "questions nobody should ask")
            #expect(expected.subtracting(answered).sorted() == [], "questions that are not asked")

            let files = try MigrationFiles()
            defer { files.remove() }
            let text = try generator.write(into: files).map(\.text).joined()
            #expect(!text.uppercased().contains("DROP "), "\(text)")
            try await Migrator(connection: connection, graph: try files.graph()).apply()
            #expect(try await MigrationGenerator.from(connection, to: desired).changes.isEmpty)
            var kept: Statement = ""
            for number in names.tables.indices {
                let (table, column) = (names.tables[number].new, names.column(0, of: number, isNew: true))
                kept.append(
                    "\(unsafe: number > 0 ? " union all " : "")select \(identifier: column) from \(identifier: table)"
                )
            }
            let rows = try await connection.query(kept).decode(String.self).fetchAll(limit: 99)
            #expect(rows == Array(repeating: "kept", count: names.tables.count))
            await connection.close()
        }
    }
}
