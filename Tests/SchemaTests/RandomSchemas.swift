import RoostSchema
import RoostTestSupport

/// Makes schemas at random; two made one after the other with the same names have much in common.
struct RandomSchemas {
    var generator: SeededGenerator
    let engine: Schema.Engine
    /// Whether views say of every column which table it is of, as PostgreSQL did before version 16.
    let qualifiesColumns: Bool
    let server: TestEngine

    init(seed: UInt64, server: TestEngine) {
        generator = SeededGenerator(seed: seed)
        self.server = server
        engine = server.engine
        qualifiesColumns = server == .postgresql15
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    mutating func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &generator)] }

    /// Types, each with defaults of it.
    private var types: [(String, [String])] {
        switch engine {
        case .sqlite:
            [
                ("INTEGER", ["0", "-7"]), ("TEXT", ["'it''s'", "''"]), ("NUMERIC(10,2)", ["1.5"]),
                ("BLOB", ["x'00ff'"]),
                ("", ["1 + 2"]), ("VARCHAR(20)", ["CURRENT_TIMESTAMP"]),
            ]
        case .postgresql:
            [
                ("integer", ["0", "'-7'::integer"]), ("text", ["'it''s'::text", "''::text"]),
                ("numeric(10,2)", ["1.5"]),
                ("bytea", ["'\\x00ff'::bytea"]), ("timestamp(3) with time zone", ["now()"]), ("boolean", ["true"]),
                ("character varying(20)", ["'a'::character varying"]), ("integer[]", ["'{1,2}'::integer[]"]),
                ("jsonb", []),
            ]
        case .mysql, .mariadb:
            [
                (engine == .mysql ? "int" : "int(11)", ["0", "-7"]), ("varchar(20)", ["'it''s'", "''"]),
                ("decimal(10,2)", ["1.50"]),
                ("datetime(3)", ["'2020-01-02 03:04:05.000'"]), ("enum('a','b''c')", ["'b''c'"]), ("double", ["1.5"]),
            ]
        }
    }

    var keyType: String { types[0].0 }

    mutating func schema() -> Schema {
        var schema = Schema(engine: engine)
        let count = Int.random(in: 2...6, using: &generator)
        for number in 0..<count where chance(85) { schema.tables.append(table(number)) }
        // Keys to any table, so that there are circles.
        for index in schema.tables.indices where chance(60) {
            let other = pick(schema.tables)
            let column = "r\(index)"
            schema.tables[index].columns.append(
                Schema.Column(name: column, type: Schema.ColumnType(keyType, engine: engine))
            )
            var key = Schema.ForeignKey(
                name: "k_\(schema.tables[index].name.name)",
                columns: [column],
                references: other.name,
                ["id"]
            )
            key.onDelete = pick([.cascade, .setNull, .noAction])
            key.onUpdate = pick([.cascade, .noAction])
            schema.tables[index].foreignKeys = [key]
            // MySQL would make one by itself.
            schema.tables[index].indexes.append(
                self.index("i_\(schema.tables[index].name.name)_r", [Schema.Index.Part(column: column)])
            )
        }
        if chance(60), let table = schema.tables.first, engine == .postgresql || engine == .sqlite {
            let name = "\"\(table.name.name.replacing("\"", with: "\"\""))\""
            let column = qualifiesColumns ? "\(name).id" : "id"
            let query = engine == .sqlite ? "select id from \(name)" : " SELECT \(column)\n   FROM \(name)"
            schema.views.append(Schema.View(name: ObjectName("v"), query: query))
        }
        schema.sort()
        return schema
    }

    func index(_ name: String, _ parts: [Schema.Index.Part]) -> Schema.Index {
        var index = Schema.Index(name: name, parts: parts)
        index.method = engine == .sqlite ? nil : engine == .postgresql ? "btree" : "BTREE"
        return index
    }

    private mutating func table(_ number: Int) -> Schema.Table {
        let name = "T\(number) \"x`y"
        var table = Schema.Table(name: ObjectName(name))
        if engine == .mysql || engine == .mariadb {
            table.options = ["engine": "InnoDB", "collation": "utf8mb4_bin"]
        }
        table.columns = [Schema.Column(name: "id", type: Schema.ColumnType(keyType, engine: engine), isNullable: false)]
        table.primaryKey = Schema.Key(
            name: engine == .sqlite ? nil : engine == .postgresql ? "p\(number)" : "PRIMARY",
            columns: ["id"]
        )
        for position in 0..<Int.random(in: 1...7, using: &generator) where chance(80) {
            let (spelling, defaults) = pick(types)
            var column = Schema.Column(
                name: "c \(position)",
                type: Schema.ColumnType(spelling, engine: engine),
                isNullable: chance(60)
            )
            if chance(50), let value = defaults.first { column.defaultValue = chance(50) ? value : defaults.last }
            if engine != .sqlite, chance(20) { column.comment = "comment '\(position)' \\" }
            table.columns.append(column)
        }
        let others = table.columns.dropFirst().filter { $0.type.family != .json && $0.type.spelling != "BLOB" }
        if let column = others.first, chance(40) {
            table.indexes.append(index("i\(number)", [Schema.Index.Part(column: column.name)]))
            if chance(40) { table.indexes[0].isUnique = true }
            if chance(40) { table.indexes[0].parts[0].isDescending = true }
            if chance(40), engine == .sqlite { table.indexes[0].predicate = "id > 5" }
            if chance(40), engine == .postgresql { table.indexes[0].predicate = "(id > 5)" }
        }
        if let column = others.last, chance(30), engine == .sqlite || engine == .postgresql {
            table.uniqueKeys = [Schema.Key(name: "u\(number)", columns: [column.name, "id"])]
        }
        if chance(30) {
            let bound = Int.random(in: 0...3, using: &generator)
            let text =
                switch engine {
                case .sqlite: "id > \(bound)"
                case .postgresql, .mysql: engine == .mysql ? "(`id` > \(bound))" : "(id > \(bound))"
                case .mariadb: "`id` > \(bound)"
                }
            table.checks = [Schema.Check(name: "check\(number)", expression: text)]
        }
        if engine != .sqlite, chance(30) { table.comment = "it's \(number)" }
        return table
    }
}

extension Schema {
    /// With the columns of each table by name: their order is no change.
    var withSortedColumns: Schema {
        var schema = self
        for index in schema.tables.indices { schema.tables[index].columns.sort { $0.name < $1.name } }
        return schema
    }
}
