import RoostSchema

/// Schemas at random with what the plain ones leave out, in words that the server need not keep: they are made, and compared from then on.
extension RandomSchemas {
    mutating func richSchema() -> Schema {
        var schema = schema()
        let referenced = Set(schema.tables.flatMap { $0.foreignKeys.map(\.referencedTable) })
        for index in schema.tables.indices {
            enrich(&schema.tables[index], index, isReferenced: referenced.contains(schema.tables[index].name))
        }
        if engine == .postgresql { addTypes(to: &schema) }
        addTriggers(to: &schema)
        if engine == .mariadb, chance(50) {
            let numbers = Schema.Sequence.Numbers(
                start: 5,
                increment: 2,
                minimum: 1,
                maximum: 900,
                cache: 10,
                cycles: chance(50)
            )
            schema.sequences.append(Schema.Sequence(name: ObjectName("se`q"), numbers: numbers))
        }
        schema.sort()
        return schema
    }

    private func quoted(_ name: String) -> String {
        let quote = engine == .mysql || engine == .mariadb ? "`" : "\""
        return quote + name.replacing(quote, with: quote + quote) + quote
    }

    private var isMySQLFamily: Bool { engine == .mysql || engine == .mariadb }

    private mutating func enrich(_ table: inout Schema.Table, _ number: Int, isReferenced: Bool) {
        let isNumbered = chance(35)
        if isNumbered { table.columns[0].identity = identity() }
        // Their checks must not name a column that numbers rows.
        if isNumbered, isMySQLFamily { table.checks = [] }
        table.columns.append(
            Schema.Column(
                name: "n",
                type: Schema.ColumnType(keyType, engine: engine),
                isNullable: false,
                defaultValue: "7"
            )
        )
        if chance(40) { addGenerated(to: &table) }
        if chance(30), !isNumbered, !isReferenced { table.primaryKey?.columns = ["n", "id"] }
        if chance(30), engine == .sqlite, !isNumbered { table.options["without_rowid"] = "true" }
        if chance(40), engine == .sqlite, !isNumbered { table.primaryKey?.name = "key of \(number)" }
        for index in table.columns.indices.dropFirst() { enrich(&table.columns[index]) }
        for index in table.foreignKeys.indices { enrich(&table.foreignKeys[index]) }
        for index in table.checks.indices { enrich(&table.checks[index]) }
        addIndexes(to: &table, number)
        if engine == .postgresql, chance(30) { table.options["fillfactor"] = "75" }
        if isMySQLFamily, chance(30) { table.options["row_format"] = "dynamic" }
    }

    private mutating func identity() -> Schema.Column.Identity {
        guard engine == .postgresql else { return Schema.Column.Identity(isAlways: false) }
        let numbers = Schema.Sequence.Numbers(
            start: 10,
            increment: pick([1, 3]),
            minimum: 1,
            maximum: 1000,
            cache: pick([1, 20]),
            cycles: chance(50)
        )
        return Schema.Column.Identity(isAlways: chance(50), numbers: numbers)
    }

    private mutating func addGenerated(to table: inout Schema.Table) {
        // PostgreSQL keeps every generated column before version 18.
        let mayBeVirtual = engine != .postgresql || server == .postgresql18
        table.columns.append(
            Schema.Column(
                name: "g'1",
                type: Schema.ColumnType(keyType, engine: engine),
                generation: Schema.Column.Generation(
                    expression: "\(quoted("n")) * 2 + 1",
                    isStored: !mayBeVirtual || chance(50)
                )
            )
        )
    }

    private mutating func enrich(_ column: inout Schema.Column) {
        guard column.generation == nil else { return }
        let isText = column.type.family == .text
        switch engine {
        case .sqlite:
            if isText, chance(40) { column.collation = "NOCASE" }
            if !column.isNullable, chance(20) { column.options["not_null_conflict"] = "REPLACE" }
        case .postgresql:
            if isText, chance(40) { column.collation = "\"C\"" }
            if isText, chance(20) { column.options["storage"] = "external" }
            if chance(15) { column.options["statistics"] = "200" }
        case .mysql, .mariadb:
            if isText, chance(40) {
                column.characterSet = "utf8mb4"
                column.collation = "utf8mb4_general_ci"
            }
            if column.type.spelling == "datetime(3)", chance(50) {
                column.defaultValue = "CURRENT_TIMESTAMP(3)"
                column.onUpdate = "CURRENT_TIMESTAMP(3)"
            }
            // MariaDB hides no column that has to be given a value.
            if column.isNullable || column.defaultValue != nil, chance(15) { column.isInvisible = true }
        }
    }

    private mutating func enrich(_ key: inout Schema.ForeignKey) {
        guard engine == .sqlite || engine == .postgresql else { return }
        if chance(40) { key.checking = .deferred }
        guard engine == .postgresql else { return }
        if chance(30) { key.matchesFull = true }
        if chance(30) { key.isValidated = false }
        if chance(30) { key.comment = "whose 'key'" }
    }

    private mutating func enrich(_ check: inout Schema.Check) {
        if engine == .mysql || server == .postgresql18, chance(30) {
            check.isEnforced = false
            check.isValidated = engine == .mysql
        }
        guard engine == .postgresql else { return }
        if chance(30) { check.isValidated = false }
        if chance(30) { check.isInherited = false }
        if chance(30) { check.comment = "what 'for'" }
    }

    private mutating func addIndexes(to table: inout Schema.Table, _ number: Int) {
        let text = table.columns.first { $0.type.family == .text && $0.type.dimensions == nil }
        if let text, chance(50), engine != .mariadb {
            var added = index("expressed \(number)", [Schema.Index.Part(expression: "lower(\(quoted(text.name)))")])
            added.parts.append(Schema.Index.Part(column: "n"))
            if engine == .postgresql {
                added.parts[1].isDescending = chance(50)
                if chance(50) { added.parts[1].nullsFirst = !added.parts[1].isDescending }
                if chance(50) { added.included = ["id"] }
                if chance(50) { added.options["fillfactor"] = "60" }
                if chance(50) { added.comment = "by 'lower case'" }
                if chance(50) { added.predicate = "n <> 3 and \(quoted(text.name)) is not null" }
            }
            table.indexes.append(added)
        }
        if chance(40), engine == .postgresql {
            var key = Schema.Key(name: "unique \(number)", columns: ["n", "id"])
            key.nullsNotDistinct = chance(50)
            key.checking = pick([.immediate, .deferrable, .deferred])
            key.included = table.columns.filter { $0.name == "c 0" }.map(\.name)
            key.comment = "one 'only'"
            table.uniqueKeys.append(key)
        }
        if chance(40), engine == .sqlite {
            var key = Schema.Key(name: chance(50) ? "unique \(number)" : nil, columns: ["n", "id"])
            if chance(50) { key.onConflict = "IGNORE" }
            table.uniqueKeys.append(key)
        }
        guard isMySQLFamily, let text, chance(50) else { return }
        var prefixed = index("prefixed \(number)", [Schema.Index.Part(column: text.name)])
        prefixed.parts[0].length = 5
        prefixed.comment = "first 'five' \\"
        prefixed.isVisible = chance(60)
        table.indexes.append(prefixed)
    }

    private mutating func addTypes(to schema: inout Schema) {
        var mood = Schema.Enumeration(name: ObjectName("mo\"od"), values: ["sad", "o'k", "a b", "Ünïcode"])
        mood.comment = "how one's feeling"
        schema.enumerations.append(mood)
        var label = Schema.Domain(name: ObjectName("la bel"), type: Schema.ColumnType("text", engine: .postgresql))
        label.isNullable = chance(50)
        label.defaultValue = "'it''s'"
        label.checks = [Schema.Check(name: "short", expression: "length(value) < 10")]
        schema.domains.append(label)
        schema.composites.append(
            Schema.Composite(
                name: ObjectName("pair"),
                fields: [
                    Schema.Column(name: "a", type: Schema.ColumnType("integer", engine: .postgresql)),
                    Schema.Column(name: "b c", type: Schema.ColumnType("\"mo\"\"od\"[]", engine: .postgresql)),
                ]
            )
        )
        schema.ranges.append(
            Schema.RangeType(
                name: ObjectName("span"),
                subtype: Schema.ColumnType("double precision", engine: .postgresql)
            )
        )
        var ticket = Schema.Sequence(
            name: ObjectName("tick et"),
            type: pick(["smallint", "integer", "bigint"]),
            numbers: Schema.Sequence.Numbers(
                start: 4,
                increment: pick([-1, 2]),
                minimum: -10,
                maximum: 100,
                cache: 3,
                cycles: chance(50)
            )
        )
        if let table = schema.tables.first, chance(50) {
            ticket.owner = Schema.Sequence.Owner(table: table.name, column: "n")
        }
        schema.sequences.append(ticket)
        let spellings = ["\"mo\"\"od\"", "\"mo\"\"od\"[]", "\"la bel\"", "pair", "span", "\"la bel\"[]"]
        for index in schema.tables.indices {
            for (position, spelling) in spellings.enumerated() where chance(30) {
                var column = Schema.Column(
                    name: "own \(position)",
                    type: Schema.ColumnType(spelling, engine: .postgresql)
                )
                if position == 0, chance(50) { column.defaultValue = "'o''k'" }
                schema.tables[index].columns.append(column)
            }
        }
    }

    private mutating func addTriggers(to schema: inout Schema) {
        guard let table = schema.tables.first, chance(70) else { return }
        let head = "CREATE TRIGGER \(quoted("tri gger")) AFTER INSERT ON \(quoted(table.name.name)) FOR EACH ROW"
        let definition: String
        switch engine {
        case .sqlite: definition = "\(head) BEGIN SELECT 'it''s; so'; END"
        case .mysql, .mariadb: definition = "\(head) SET @last = concat('it''s; ', new.n)"
        case .postgresql:
            schema.routines.append(
                Schema.Routine(
                    name: ObjectName("fu nc"),
                    kind: .function,
                    definition: """
                        CREATE FUNCTION "fu nc"() RETURNS trigger LANGUAGE plpgsql AS $body$ begin
                            return new; -- 'it''s'
                        end $body$
                        """
                )
            )
            definition = "\(head) EXECUTE FUNCTION \"fu nc\"('it''s')"
        }
        schema.triggers.append(Schema.Trigger(name: "tri gger", table: table.name, definition: definition))
    }
}
