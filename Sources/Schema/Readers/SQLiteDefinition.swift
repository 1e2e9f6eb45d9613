import Roost

/// What the text of SQLite's `CREATE` statements tells and no pragma does.
///
/// The grammar is that of https://sqlite.org/lang_createtable.html; SQLite has checked the text before it kept it.
struct SQLiteDefinition {
    private var reader: TokenReader
    let isVirtual: Bool

    init(_ sql: String) {
        reader = TokenReader(sql, .sqlite)
        isVirtual = reader.word(ahead: 1) == "VIRTUAL"
    }

    /// Passes over `CREATE … TABLE [IF NOT EXISTS] [schema.]name`, whatever is created.
    private mutating func skipHead(_ kind: String) {
        while !reader.isAtEnd, !reader.take(kind) { reader.skip() }
        _ = reader.take("IF", "NOT", "EXISTS")
        reader.skip()
        if reader.take(".") { reader.skip() }
    }

    // MARK: Tables

    /// Adds what the text tells to a table whose columns are known.
    mutating func read(into table: inout Schema.Table) {
        skipHead("TABLE")
        guard reader.word == "(" else { return }
        let body = reader.brackets()
        while !reader.isAtEnd {
            if reader.take("WITHOUT", "ROWID") {
                table.options["without_rowid"] = "true"
            } else if reader.take("STRICT") {
                table.options["strict"] = "true"
            } else {
                reader.skip()
            }
        }
        for piece in reader.pieces(of: body) {
            reader.position = piece.lowerBound
            let isConstraint =
                reader.tokens[piece.lowerBound].kind == .word
                && ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].contains(reader.word)
            let column = isConstraint ? nil : reader.name()
            // A type may be any words, and those in quotes too.
            while !isConstraint, reader.position < piece.upperBound,
                reader.word == "(" || reader.tokens[reader.position].kind != .word
                    || !Self.clauses.contains(reader.word)
            {
                if reader.word == "(" { _ = reader.brackets() } else { reader.skip() }
            }
            readClauses(to: piece.upperBound, column: column, into: &table)
        }
        let names = SQLiteNames(table.columns.map(\.name))
        table.primaryKey = table.primaryKey.map(names.known)
        table.uniqueKeys = table.uniqueKeys.map(names.known)
        for index in table.foreignKeys.indices {
            table.foreignKeys[index].columns = names.known(table.foreignKeys[index].columns)
        }
    }

    private static let clauses: Set = [
        "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED",
        "AS",
        "FOREIGN",
    ]

    /// The clauses of a column or the constraints of the table.
    private mutating func readClauses(to end: Int, column: String?, into table: inout Schema.Table) {
        let place = column.flatMap { name in table.columns.firstIndex { $0.name == name } }
        var constraint: String?
        while reader.position < end {
            if reader.take("CONSTRAINT") {
                constraint = reader.name()
                continue
            }
            let name = constraint
            constraint = nil
            if reader.take("PRIMARY", "KEY") {
                var key = Schema.Key(name: name, columns: column.map { [$0] } ?? [])
                if column == nil { readColumns(into: &key) } else { readOrder(of: column ?? "", into: &key) }
                key.onConflict = conflict()
                if reader.take("AUTOINCREMENT"), let place {
                    table.columns[place].identity = Schema.Column.Identity(isAlways: false)
                }
                table.primaryKey = key
            } else if reader.take("UNIQUE") {
                var key = Schema.Key(name: name, columns: column.map { [$0] } ?? [])
                if column == nil { readColumns(into: &key) }
                key.onConflict = conflict()
                table.uniqueKeys.append(key)
            } else if reader.take("CHECK") {
                let range = reader.brackets()
                table.checks.append(Schema.Check(name: name, expression: reader.text(range)))
                _ = conflict()
            } else if reader.take("FOREIGN", "KEY") {
                readForeignKey(name, columns: columnNames(), into: &table)
            } else if reader.word == "REFERENCES" {
                readForeignKey(name, columns: column.map { [$0] } ?? [], into: &table)
            } else if reader.take("COLLATE") {
                let collation = reader.name()
                if let place { table.columns[place].collation = collation }
            } else if reader.take("AS") {
                let range = reader.brackets()
                let isStored = reader.take("STORED")
                if let place {
                    table.columns[place].generation = Schema.Column.Generation(
                        expression: reader.text(range),
                        isStored: isStored
                    )
                }
            } else if reader.take("NOT", "NULL") || reader.take("NULL") {
                if let action = conflict(), let place { table.columns[place].options["not_null_conflict"] = action }
            } else if reader.word == "(" {
                _ = reader.brackets()
            } else {
                reader.skip()
            }
        }
    }

    private mutating func columnNames() -> [String] {
        let range = reader.brackets()
        let end = reader.position
        defer { reader.position = end }
        return reader.pieces(of: range).map { piece in
            reader.position = piece.lowerBound
            return reader.name()
        }
    }

    private mutating func readColumns(into key: inout Schema.Key) {
        let range = reader.brackets()
        let end = reader.position
        for piece in reader.pieces(of: range) {
            reader.position = piece.lowerBound
            let name = reader.name()
            key.columns.append(name)
            if reader.take("COLLATE") { reader.skip() }
            readOrder(of: name, into: &key)
        }
        reader.position = end
    }

    private mutating func readOrder(of column: String, into key: inout Schema.Key) {
        if reader.take("DESC") { key.descending.append(column) } else { _ = reader.take("ASC") }
    }

    private mutating func conflict() -> String? {
        guard reader.take("ON", "CONFLICT") else { return nil }
        defer { reader.skip() }
        return reader.word
    }

    private mutating func readForeignKey(_ name: String?, columns: [String], into table: inout Schema.Table) {
        guard reader.take("REFERENCES") else { return }
        let referenced = reader.name()
        let referencedColumns = reader.word == "(" ? columnNames() : []
        var key = Schema.ForeignKey(
            name: name,
            columns: columns,
            references: ObjectName(referenced),
            referencedColumns
        )
        while true {
            if reader.take("ON", "DELETE") {
                key.onDelete = action()
            } else if reader.take("ON", "UPDATE") {
                key.onUpdate = action()
            } else if reader.take("MATCH") {
                reader.skip()
            } else if reader.take("NOT", "DEFERRABLE") {
                _ = reader.take("INITIALLY", "DEFERRED") || reader.take("INITIALLY", "IMMEDIATE")
            } else if reader.take("DEFERRABLE") {
                key.checking = reader.take("INITIALLY", "DEFERRED") ? .deferred : .deferrable
                _ = reader.take("INITIALLY", "IMMEDIATE")
            } else {
                break
            }
        }
        // SQLite checks `DEFERRABLE` alone at once, and nothing can put it off.
        if key.checking == .deferrable { key.checking = .immediate }
        table.foreignKeys.append(key)
    }

    private mutating func action() -> Schema.ForeignKey.Action {
        if reader.take("CASCADE") { return .cascade }
        if reader.take("RESTRICT") { return .restrict }
        if reader.take("SET", "NULL") { return .setNull }
        if reader.take("SET", "DEFAULT") { return .setDefault }
        _ = reader.take("NO", "ACTION")
        return .noAction
    }

    // MARK: Indexes and views

    /// An index from its `CREATE INDEX`.
    static func index(_ name: String, _ sql: String) -> Schema.Index {
        var definition = SQLiteDefinition(sql)
        let isUnique = definition.reader.word(ahead: 1) == "UNIQUE"
        definition.skipHead("INDEX")
        _ = definition.reader.take("ON")
        definition.reader.skip()
        let range = definition.reader.brackets()
        var index = Schema.Index(
            name: name,
            parts: definition.reader.pieces(of: range).map { part(&definition.reader, $0) }
        )
        index.isUnique = isUnique
        definition.reader.position = range.upperBound + 1
        if definition.reader.take("WHERE") { index.predicate = definition.reader.rest() }
        return index
    }

    private static func part(_ reader: inout TokenReader, _ piece: Range<Int>) -> Schema.Index.Part {
        var end = piece.upperBound
        var isDescending = false
        var collation: String?
        if end > piece.lowerBound, ["ASC", "DESC"].contains(reader.tokens[end - 1].word) {
            isDescending = reader.tokens[end - 1].word == "DESC"
            end -= 1
        }
        if end - 2 > piece.lowerBound, reader.tokens[end - 2].word == "COLLATE" {
            reader.position = end - 1
            collation = reader.name()
            end -= 2
        }
        var part: Schema.Index.Part
        if end - piece.lowerBound == 1 {
            reader.position = piece.lowerBound
            part = Schema.Index.Part(column: reader.name())
        } else {
            part = Schema.Index.Part(expression: reader.text(piece.lowerBound..<end))
        }
        part.isDescending = isDescending
        part.collation = collation
        return part
    }

    /// A view from its `CREATE VIEW`.
    static func view(_ name: String, _ sql: String) -> Schema.View {
        var definition = SQLiteDefinition(sql)
        definition.skipHead("VIEW")
        let names = definition.reader.word == "(" ? definition.columnNames() : []
        _ = definition.reader.take("AS")
        var view = Schema.View(name: ObjectName(name), query: definition.reader.rest())
        view.columnNames = names
        return view
    }
}
