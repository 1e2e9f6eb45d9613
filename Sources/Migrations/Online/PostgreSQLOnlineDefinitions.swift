import Roost

/// The statements of an online change on PostgreSQL (documentation, "ALTER TABLE", "CREATE TRIGGER", "Row and Array Comparisons").
struct PostgreSQLOnlineDefinitions {
    private let change: OnlineChange
    private let facts: PostgreSQLOnlineFacts

    init(_ change: OnlineChange, _ facts: PostgreSQLOnlineFacts) {
        self.change = change
        self.facts = facts
    }

    private var table: Statement { "\(identifier: facts.table)" }
    private var column: Statement { "\(identifier: change.column)" }
    private var twin: Statement { "\(identifier: change.twin)" }
    private var helper: Statement { "\(identifier: change.helper)" }
    /// In the schema of the table.
    private var function: Statement { "\(identifier: [facts.table[0], change.helper])" }

    /// What a row's new value is, from its columns by their names.
    private var value: Statement? {
        switch change.kind {
        case .rename: column
        case .type(let type, let using): "(\(using.map { Statement(unsafe: $0) } ?? column))::\(unsafe: type)"
        case .notNull(let fill): fill.map { Statement(unsafe: "(\($0))") }
        }
    }

    /// What fills a row; nil when there is nothing to fill.
    var assignment: Statement? {
        guard let value else { return nil }
        if case .notNull = change.kind { return "\(column) = \(value)" }
        return "\(twin) = \(value)"
    }

    // MARK: Start

    func expand() -> [Statement] {
        var statements: [Statement] = []
        switch change.kind {
        case .rename: statements.append("alter table \(table) add column \(twin) \(unsafe: facts.type)")
        case .type(let type, _): statements.append("alter table \(table) add column \(twin) \(unsafe: type)")
        case .notNull: break
        }
        if let constraint { statements.append(constraint) }
        guard let body else { return statements }
        statements.append("create function \(function)() returns trigger language plpgsql as \(body)")
        statements.append(
            "create trigger \(helper) before insert or update on \(table) for each row execute function \(function)()"
        )
        return statements
    }

    /// Rows that come now have a value; those that are there are looked at later.
    private var constraint: Statement? {
        switch change.kind {
        case .rename: nil
        case .type:
            facts.isNullable
                ? nil : "alter table \(table) add constraint \(helper) check (\(twin) is not null) not valid"
        case .notNull: "alter table \(table) add constraint \(helper) check (\(column) is not null) not valid"
        }
    }

    /// The body of the trigger's function, between dollar quotes that its text cannot end.
    private var body: Statement? {
        let tag = "$roost_\(change.name)$"
        let row: Statement = "(select new.*) as \(identifier: facts.table[1])"
        switch change.kind {
        case .rename:
            return """
                \(unsafe: tag) begin
                if tg_op = 'INSERT' then
                if new.\(twin) is null then new.\(twin) := new.\(column); else new.\(column) := new.\(twin); end if;
                elsif new.\(twin) is distinct from old.\(twin) then new.\(column) := new.\(twin);
                else new.\(twin) := new.\(column);
                end if;
                return new; end \(unsafe: tag)
                """
        case .type:
            guard let value else { return nil }
            return """
                \(unsafe: tag) begin
                select \(value) into new.\(twin) from \(row);
                return new; end \(unsafe: tag)
                """
        case .notNull:
            guard let value else { return nil }
            return """
                \(unsafe: tag) begin
                if new.\(column) is null then select \(value) into new.\(column) from \(row); end if;
                return new; end \(unsafe: tag)
                """
        }
    }

    // MARK: Filling

    private var keys: Statement {
        var statement: Statement = ""
        for (index, column) in facts.key.enumerated() {
            statement.append("\(unsafe: index > 0 ? ", " : "")\(identifier: column.name)")
        }
        return statement
    }

    /// The key as one text: an array of texts, which neither commas nor quotes confuse.
    private var keyText: Statement {
        var statement: Statement = "array["
        for (index, column) in facts.key.enumerated() {
            statement.append("\(unsafe: index > 0 ? ", " : "")\(identifier: column.name)::text")
        }
        statement.append("]::text")
        return statement
    }

    private func bound(_ position: String) -> Statement {
        var statement: Statement = "("
        for (index, column) in facts.key.enumerated() {
            statement.append(
                "\(unsafe: index > 0 ? ", " : "")((\(position)::text)::text[])[\(unsafe: "\(index + 1)")]::\(unsafe: column.type)"
            )
        }
        statement.append(")")
        return statement
    }

    /// The key of the last row of the next portion; no row when fewer are left.
    func portionEnd(after position: String?, size: Int) -> Statement {
        var statement: Statement = "select \(keyText) from \(table)"
        if let position { statement.append(" where (\(keys)) > \(bound(position))") }
        statement.append(" order by \(keys) limit 1 offset \(Int64(max(size, 1) - 1))")
        return statement
    }

    func portion(_ assignment: Statement, after first: String?, upTo last: String?) -> Statement {
        var statement: Statement = "update \(table) set \(assignment) where "
        if case .notNull = change.kind {
            statement.append("\(column) is null")
        } else {
            statement.append("\(twin) is distinct from \(value ?? column)")
        }
        if let first { statement.append(" and (\(keys)) > \(bound(first))") }
        if let last { statement.append(" and (\(keys)) <= \(bound(last))") }
        return statement
    }

    // MARK: Complete and rollback

    func validate() -> [Statement] {
        constraint == nil ? [] : ["alter table \(table) validate constraint \(helper)"]
    }

    private var dropTrigger: [Statement] {
        ["drop trigger if exists \(helper) on \(table)", "drop function if exists \(function)()"]
    }

    func contract() -> [Statement] {
        var statements = dropTrigger
        switch change.kind {
        case .rename:
            // Both are the same by now: the old one keeps its indexes, constraints and default under the new name.
            statements.append("alter table \(table) drop column \(twin)")
            statements.append("alter table \(table) rename column \(column) to \(twin)")
        case .type(let type, _):
            if !facts.isNullable {
                statements.append("alter table \(table) alter column \(twin) set not null")
                statements.append("alter table \(table) drop constraint \(helper)")
            }
            statements.append("alter table \(table) drop column \(column)")
            statements.append("alter table \(table) rename column \(twin) to \(column)")
            if let value = facts.defaultValue {
                statements.append(
                    "alter table \(table) alter column \(column) set default (\(unsafe: value))::\(unsafe: type)"
                )
            }
        case .notNull:
            statements.append("alter table \(table) alter column \(column) set not null")
            statements.append("alter table \(table) drop constraint \(helper)")
        }
        return statements
    }

    func takeBack() -> [Statement] {
        var statements = dropTrigger
        switch change.kind {
        case .rename, .type: statements.append("alter table \(table) drop column if exists \(twin)")
        case .notNull: statements.append("alter table \(table) drop constraint if exists \(helper)")
        }
        return statements
    }
}
