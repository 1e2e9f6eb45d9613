import Roost

extension Renderer {
    mutating func renderCreateTable<T: Table>(_ table: CreateTable<T>) throws(DatabaseError) {
        if table.ifNotExists { try require(.ifNotExists) }
        if table.temporary { try require(.temporaryTables) }
        write(table.temporary ? "create temporary table " : "create table ")
        if table.ifNotExists { write("if not exists ") }
        try write(identifier: T.qualifiedName)
        guard !table.columns.isEmpty else {
            throw DatabaseError(.programming, .invalidStatement, "A table without columns cannot be made.")
        }
        var constraints = table.constraints
        var keyOfRow: TableConstraint<T>?
        if profile.engine == .sqlite, let column = table.columns.first(where: { $0.identity != nil }) {
            // SQLite says so with the column.
            guard let place = constraints.firstIndex(where: { $0.isPrimaryKey(of: column.name) }) else {
                throw notSupported(
                    "identity columns beside the primary key",
                    hint: "Make the column the table's primary key, alone."
                )
            }
            keyOfRow = constraints.remove(at: place)
        }
        write(" (")
        for (index, column) in table.columns.enumerated() {
            if index > 0 { write(", ") }
            try renderColumn(column, keyName: column.identity == nil ? nil : keyOfRow?.name)
        }
        for constraint in constraints {
            write(", ")
            try renderConstraint(constraint)
        }
        write(")")
        guard profile.isMySQLFamily else { return }
        if let start = table.columns.compactMap({ $0.identity?.start }).first { write(" auto_increment = \(start)") }
        if let comment = table.comment {
            write(" comment = ")
            try write(string: comment)
        }
    }

    // MARK: Columns

    /// - Parameter keyName: the name of SQLite's primary key that the column is.
    mutating func renderColumn(_ column: ColumnOutline, keyName: String? = nil) throws(DatabaseError) {
        try write(identifier: column.name)
        if let generation = column.generation {
            return try renderGenerated(column, generation)
        }
        write(" ")
        try writeColumnType(column.type, isIdentity: column.identity != nil)
        try renderCollation(column)
        if let value = column.defaultValue { try renderDefault(value, of: column) }
        if let identity = column.identity { try renderIdentity(identity, keyName) }
        write(column.isNullable ? nullable : " not null")
        try writeEnumerationCheck(column)
        try renderColumnComment(column)
    }

    /// Where a timestamp would otherwise be taken for one that is not.
    private var nullable: String { profile.isMySQLFamily || profile.engine == .sqlserver ? " null" : "" }

    mutating func renderColumnComment(_ column: ColumnOutline) throws(DatabaseError) {
        guard profile.isMySQLFamily, let comment = column.comment else { return }
        write(" comment ")
        try write(string: comment)
    }

    private mutating func renderCollation(_ column: ColumnOutline) throws(DatabaseError) {
        guard let collation = column.collation else { return }
        if profile.engine == .db2 { throw notSupported("collations of columns") }
        write(" collate ")
        if profile.isMySQLFamily || profile.engine == .sqlserver {
            try writeWord(collation)
        } else {
            try write(identifier: collation)
        }
    }

    mutating func renderDefault(_ value: QueryNode, of column: ColumnOutline) throws(DatabaseError) {
        write(" default ")
        try renderDefaultValue(value, of: column.type)
    }

    mutating func renderDefaultValue(_ value: QueryNode, of type: SQLType) throws(DatabaseError) {
        if case .literal(let kind) = value.kind {
            // MySQL takes those of long types, dates and times as expressions alone.
            let isLong =
                switch type {
                case .text, .bytes, .json: true
                default: kind == .date || kind == .time || kind == .timestamp || kind == .timestampTZ
                }
            let isExpression = isLong && profile.engine == .mysql && value.value != .null
            if isExpression { write("(") }
            try write(literal: value.value, isOperand: false)
            return write(isExpression ? ")" : "")
        }
        switch value.kind {
        case .function(.currentTimestamp) where profile.isMySQLFamily || profile.isOne(of: .db2, .oracle),
            .function(.currentDate) where profile.engine == .db2:
            return try render(value)
        case _ where profile.engine == .db2:
            throw notSupported("expressions as defaults", hint: "Use a trigger.")
        default: break
        }
        if profile.engine == .mysql, profile.version < 8_000_013 { throw notSupported("expressions as defaults") }
        write("(")
        try renderUnqualified(value)
        write(")")
    }

    private mutating func renderIdentity(_ identity: Identity, _ keyName: String?) throws(DatabaseError) {
        try require(.identity)
        switch profile.engine {
        case .sqlite:
            if identity.always { throw notSupported("GENERATED ALWAYS of identity columns") }
            if identity.start != nil || identity.step != nil {
                throw notSupported("START and INCREMENT of identity columns")
            }
            if let keyName {
                write(" constraint ")
                try write(identifier: keyName)
            }
            write(" primary key autoincrement")
        case .mysql, .mariadb:
            if identity.always { throw notSupported("GENERATED ALWAYS of identity columns") }
            if identity.step != nil { throw notSupported("INCREMENT of identity columns") }
            write(" auto_increment")
        case .sqlserver: write(" identity(\(identity.start ?? 1), \(identity.step ?? 1))")
        default:
            write(identity.always ? " generated always as identity" : " generated by default as identity")
            guard identity.start != nil || identity.step != nil else { return }
            let options = [
                identity.start.map { "start with \($0)" }, identity.step.map { "increment by \($0)" },
            ]
            write(" (" + options.compactMap { $0 }.joined(separator: " ") + ")")
        }
    }

    private mutating func renderGenerated(_ column: ColumnOutline, _ generation: Generation) throws(DatabaseError) {
        try require(.generatedColumns)
        try require(generation.isStored ? .storedColumns : .virtualColumns)
        if column.defaultValue != nil || column.identity != nil {
            throw DatabaseError(
                .programming,
                .invalidStatement,
                "A generated column has neither a default nor numbers of its own."
            )
        }
        if profile.engine == .sqlserver {
            write(" as (")
        } else {
            write(" ")
            try writeColumnType(column.type)
            try renderCollation(column)
            write(" generated always as (")
        }
        try renderUnqualified(generation.expression)
        write(")")
        switch profile.engine {
        case .sqlserver: write(generation.isStored ? " persisted" : "")
        // Stored, without a word for it.
        case .db2: break
        default: write(generation.isStored ? " stored" : " virtual")
        }
        try renderColumnComment(column)
    }

    // MARK: Constraints

    mutating func renderConstraint<T>(_ constraint: TableConstraint<T>) throws(DatabaseError) {
        if let name = constraint.name {
            write("constraint ")
            try write(identifier: name)
            write(" ")
        }
        switch constraint.kind {
        case .primaryKey(let columns):
            write("primary key")
            try writeColumnNames(columns)
        case .unique(let columns, let nullsNotDistinct):
            if nullsNotDistinct { try require(.nullsNotDistinct) }
            write(nullsNotDistinct && profile.engine == .postgresql ? "unique nulls not distinct" : "unique")
            try writeColumnNames(columns)
        case .check(let condition):
            try require(.checks)
            write("check (")
            try renderUnqualified(condition)
            write(")")
        case .foreignKey(let key): try renderForeignKey(key)
        }
    }

    private mutating func renderForeignKey<T>(_ key: TableConstraint<T>.ForeignKey) throws(DatabaseError) {
        write("foreign key")
        try writeColumnNames(key.columns)
        write(" references ")
        try write(identifier: key.target)
        try writeColumnNames(key.targetColumns)
        try renderAction(key.onDelete, " on delete ")
        if key.onUpdate != .noAction {
            if profile.engine == .oracle { throw notSupported("ON UPDATE of foreign keys") }
            if profile.engine == .db2, key.onUpdate != .restrict {
                throw notSupported("ON UPDATE \(key.onUpdate.rawValue.uppercased())")
            }
        }
        try renderAction(key.onUpdate, " on update ")
        if key.isDeferred {
            try require(.deferrable)
            write(" deferrable initially deferred")
        }
    }

    private mutating func renderAction(_ action: ForeignKeyAction, _ words: String) throws(DatabaseError) {
        let isMissing =
            switch action {
            case .noAction, .cascade, .setNull: false
            case .restrict: profile.isOne(of: .sqlserver, .oracle)
            case .setDefault: profile.isOne(of: .mysql, .mariadb, .oracle, .db2)
            }
        if isMissing { throw notSupported(words.dropFirst().uppercased() + action.rawValue.uppercased()) }
        if action != .noAction { write(words + action.rawValue) }
    }
}

extension TableConstraint {
    func isPrimaryKey(of column: String) -> Bool {
        if case .primaryKey([column]) = kind { true } else { false }
    }
}
