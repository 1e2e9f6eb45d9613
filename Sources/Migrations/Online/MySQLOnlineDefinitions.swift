import Roost
import RoostSchema

/// The statements of an online change on MySQL and MariaDB (MySQL documentation, "Online DDL Operations", "CREATE TRIGGER", "LOCK TABLES").
struct MySQLOnlineDefinitions {
    private let facts: MySQLOnlineFacts
    private var change: OnlineChange { facts.change }

    init(_ facts: MySQLOnlineFacts) { self.facts = facts }

    private var table: Statement { "\(identifier: [facts.database, facts.table.name.name])" }
    private var column: Statement { "\(identifier: change.column)" }
    private var twin: Statement { "\(identifier: change.twin)" }

    /// What changes only the catalogue, and what is tried where the server cannot do it that way: beside those who use the table.
    static let atOnce: Statement = ", algorithm = instant"
    static let besideOthers: Statement = ", algorithm = inplace, lock = none"

    // MARK: Columns

    /// Adds the second column.
    func addTwin() throws -> Statement? {
        guard let column = facts.column else { return nil }
        var twin = column
        twin.name = change.twin
        twin.isNullable = true
        twin.identity = nil
        twin.onUpdate = nil
        var position = Schema.ColumnPosition.last
        switch change.kind {
        case .notNull: return nil
        case .rename:
            twin.defaultValue = nil
            twin.comment = nil
        case .type(let type, _):
            // The spelling of a new type says what it says.
            twin.type = Schema.ColumnType(type, engine: facts.schema.engine)
            let words = StatementTokens(type, dialect: facts.dialect)
            let keeps = twin.type.family == .text && !words.contains("collate") && !words.contains("character")
            twin.collation = keeps ? column.collation : nil
            twin.characterSet = keeps ? column.characterSet : nil
            twin.options = [:]
            position = .after(change.column)
        }
        return try definition(.addColumn(table: facts.table.name, column: twin, after: position))
    }

    func dropTwin() -> Statement { "alter table \(table) drop column \(twin)" }

    /// Puts one column in the place of the other, in one statement that changes nothing but the catalogue.
    func exchange() -> Statement {
        if case .rename = change.kind {
            return "alter table \(table) drop column \(twin), rename column \(column) to \(twin)\(Self.atOnce)"
        }
        return "alter table \(table) drop column \(column), rename column \(twin) to \(column)\(Self.atOnce)"
    }

    /// Makes the column, which has a value in every row by now, NOT NULL.
    func forbidNull() throws -> Statement? {
        guard let present = facts.twin ?? facts.column else { return nil }
        var old = present
        old.name = change.column
        var new = old
        new.isNullable = false
        if new.defaultValue?.uppercased() == "NULL" { new.defaultValue = nil }
        let alteration = Schema.Change.alterColumn(table: facts.table.name, from: old, to: new)
        guard var statement = try definition(alteration) else { return nil }
        statement.append(Self.besideOthers)
        return statement
    }

    private func definition(_ change: Schema.Change) throws -> Statement? {
        try facts.schema.definitions(of: [change], to: facts.schema).first.map { Statement(unsafe: $0) }
    }

    // MARK: Triggers

    /// Whether the column had a value in every row before its type was changed.
    var guardsType: Bool {
        if case .type = change.kind {
            facts.column?.isNullable == false || facts.triggers.contains("\(change.helper)_gi")
        } else {
            false
        }
    }

    /// The triggers that keep the columns in step, by their names.
    func triggers() -> [(name: String, statement: Statement)] {
        switch change.kind {
        case .rename:
            let insert: Statement =
                "if new.\(twin) is null then set new.\(twin) = new.\(column); else set new.\(column) = new.\(twin); end if;"
            let update: Statement = """
                if \(differs("new.\(twin)", "old.\(twin)", facts.column?.type)) then set new.\(column) = new.\(twin); \
                else set new.\(twin) = new.\(column); end if;
                """
            return both("i", "u", insert, update)
        case .type(_, let using):
            var body: Statement = "set new.\(twin) = \(inRow(using) ?? "new.\(column)");"
            if facts.column?.isNullable == false { body.append(" \(refusal(twin))") }
            return both("i", "u", body, body)
        case .notNull(let fill):
            let body: Statement =
                inRow(fill).map { value in
                    "if new.\(column) is null then set new.\(column) = \(value); end if;"
                } ?? refusal(column)
            return both("i", "u", body, body)
        }
    }

    /// The triggers that let no row without a value in while NOT NULL is not set again.
    func guards() -> [(name: String, statement: Statement)] {
        guardsType ? both("gi", "gu", refusal(column), refusal(column)) : []
    }

    private func both(
        _ first: String,
        _ second: String,
        _ insert: Statement,
        _ update: Statement
    ) -> [(name: String, statement: Statement)] {
        [(first, "insert", insert), (second, "update", update)].map { suffix, event, body in
            let name = "\(change.helper)_\(suffix)"
            return (
                name,
                "create trigger \(identifier: name) before \(unsafe: event) on \(table) for each row begin \(body) end"
            )
        }
    }

    /// What the server itself would say.
    private func refusal(_ column: Statement) -> Statement {
        """
        if new.\(column) is null then signal sqlstate '23000' set mysql_errno = 1048, \
        message_text = 'A column that has a value in every row cannot be null'; end if;
        """
    }

    /// An expression over the columns by their names, for a trigger's row.
    private func inRow(_ expression: String?) -> Statement? {
        guard let expression else { return nil }
        var statement: Statement = "(select \(unsafe: expression) from (select "
        let columns = facts.table.columns.filter { $0.generation == nil && $0.name != facts.twin?.name }
        for (index, column) in columns.enumerated() {
            statement.append(
                "\(unsafe: index > 0 ? ", " : "")new.\(identifier: column.name) as \(identifier: column.name)"
            )
        }
        statement.append(") as \(identifier: facts.table.name.name))")
        return statement
    }

    /// Whether two values are not the same, to the letter: `=` of texts may pass over case, accents and blanks at the end.
    private func differs(_ left: Statement, _ right: Statement, _ type: Schema.ColumnType?) -> Statement {
        switch type?.family {
        case .text, .enumeration, .set:
            "not (\(left) <=> \(right) and cast(\(left) as binary) <=> cast(\(right) as binary))"
        default: "not (\(left) <=> \(right))"
        }
    }

    // MARK: Filling

    private var value: Statement? {
        switch change.kind {
        case .rename: column
        case .type(_, let using): using.map { Statement(unsafe: "(\($0))") } ?? column
        case .notNull(let fill): fill.map { Statement(unsafe: "(\($0))") }
        }
    }

    var assignment: Statement? {
        guard let value else { return nil }
        if case .notNull = change.kind { return "\(column) = \(value)" }
        return "\(twin) = \(value)"
    }

    func portionEnd(after position: String?, size: Int) throws -> Statement {
        let key = try MySQLOnlineKey(facts.table)
        var statement: Statement = "select \(key.text) from \(table)"
        if let position { statement.append(" where \(try key.condition(.after, position))") }
        statement.append(" order by \(key.list) limit 1 offset \(unsafe: "\(max(size, 1) - 1)")")
        return statement
    }

    func portion(_ assignment: Statement, after first: String?, upTo last: String?) throws -> Statement {
        let key = try MySQLOnlineKey(facts.table)
        var statement: Statement = "update \(table) set \(assignment) where "
        if case .notNull = change.kind {
            statement.append("\(column) is null")
        } else {
            statement.append(differs(twin, value ?? column, facts.twin?.type))
        }
        if let first { statement.append(" and \(try key.condition(.after, first))") }
        if let last { statement.append(" and \(try key.condition(.upTo, last))") }
        return statement
    }
}
