extension SchemaComparison {
    mutating func compareTables() {
        let tables = matched(source.tables, target.tables, by: \.name)
        for table in DependencyOrder.sorted(tables.created) { create(table) }
        for table in DependencyOrder.sorted(tables.dropped).reversed() { drop(table) }
        for (old, new) in tables.kept where old != new { compare(old, new) }
    }

    private mutating func create(_ table: Schema.Table) {
        var bare = table
        if canAddConstraints { bare.foreignKeys = [] }
        // An automatic number needs its key at once in MySQL.
        if engine == .postgresql || engine == .sqlite { bare.indexes = [] }
        if hasOwnComments { bare.removeComments() }
        add(.createTable(bare), .createTables)
        if canAddConstraints {
            for key in table.foreignKeys { add(constraint: .foreignKey(key), to: table.name) }
        }
        if engine == .postgresql || engine == .sqlite {
            for index in table.indexes { add(index: index, to: table.name) }
        }
        guard hasOwnComments else { return }
        comment(.table(table.name), nil, table.comment)
        for column in table.columns { comment(.column(table: table.name, column: column.name), nil, column.comment) }
        for constraint in table.constraints {
            guard case .foreignKey = constraint else {
                comment(constraint, of: table.name, from: nil)
                continue
            }
        }
    }

    private mutating func drop(_ table: Schema.Table) {
        var bare = table
        if canAddConstraints {
            for key in table.foreignKeys {
                add(.dropConstraint(table: table.name, constraint: .foreignKey(key)), .dropForeignKeys)
            }
            bare.foreignKeys = []
        }
        add(.dropTable(bare), .dropTables)
    }

    private mutating func comment(_ constraint: Schema.Constraint, of table: ObjectName, from old: String?) {
        guard let name = constraint.name else { return }
        comment(.constraint(table: table, constraint: name), old, constraint.comment)
    }

    private mutating func add(constraint: Schema.Constraint, to table: ObjectName) {
        var bare = constraint
        if hasOwnComments { bare.comment = nil }
        let phase: Phase = if case .foreignKey = constraint { .foreignKeys } else { .constraints }
        add(.addConstraint(table: table, constraint: bare), phase)
        comment(constraint, of: table, from: nil)
    }

    private mutating func add(index: Schema.Index, to table: ObjectName) {
        var bare = index
        if hasOwnComments { bare.comment = nil }
        add(.createIndex(table: table, index: bare), .constraints)
        comment(.index(ObjectName(index.name, in: table.namespace)), nil, index.comment)
    }

    private mutating func compare(_ old: Schema.Table, _ new: Schema.Table) {
        let isOther =
            old.kind != new.kind || old.options != new.options || old.partitioning != new.partitioning
            || old.partition != new.partition || old.parents != new.parents || old.definition != new.definition
            || (!hasOwnComments && old.comment != new.comment)
        if isOther { add(.alterTable(from: old, to: new), .columns) }
        comment(.table(new.name), old.comment, new.comment)
        compareColumns(old, new)
        compareConstraints(old, new)
        compareIndexes(old.indexes, new.indexes, of: new.name)
    }

    private mutating func compareColumns(_ old: Schema.Table, _ new: Schema.Table) {
        let columns = matched(old.columns, new.columns, by: \.name)
        func position(_ column: Schema.Column, in table: Schema.Table) -> Schema.ColumnPosition {
            guard let index = table.columns.firstIndex(where: { $0.name == column.name }),
                index + 1 < table.columns.count
            else { return .last }
            return index == 0 ? .first : .after(table.columns[index - 1].name)
        }
        for column in columns.created where !column.isInherited {
            var bare = column
            if hasOwnComments { bare.comment = nil }
            add(.addColumn(table: new.name, column: bare, after: position(column, in: new)), phases(of: column).coming)
            comment(.column(table: new.name, column: column.name), nil, column.comment)
        }
        let retyped = Set(columns.kept.filter { $0.type != $1.type || $0.collation != $1.collation }.map { $0.1.name })
        for (former, newColumn) in columns.kept {
            let oldColumn = keeping(former, old, new)
            comment(.column(table: new.name, column: newColumn.name), oldColumn.comment, newColumn.comment)
            var bare = newColumn
            if hasOwnComments { bare.comment = oldColumn.comment }
            let aspects = bare.differences(from: oldColumn)
            let isAnew = isAnew(oldColumn, newColumn, retyped)
            guard isAnew || !aspects.isEmpty, engine != .postgresql || !oldColumn.isInherited || !newColumn.isInherited
            else { continue }
            if isAnew || aspects.contains(.type) || aspects.contains(.collation) { changedTables.insert(new.name.name) }
            if isAnew {
                anewColumns[new.name, default: []].insert(newColumn.name)
                add(
                    .dropColumn(table: new.name, column: oldColumn, after: position(oldColumn, in: old)),
                    phases(of: bare).going
                )
                add(
                    .addColumn(table: new.name, column: bare, after: position(newColumn, in: new)),
                    phases(of: bare).coming
                )
            } else {
                add(.alterColumn(table: new.name, from: oldColumn, to: bare), .columns)
            }
        }
        // From the back, so that in the inverse list each finds the one it stands behind.
        for column in columns.dropped.reversed() where !column.isInherited {
            changedTables.insert(new.name.name)
            add(
                .dropColumn(table: new.name, column: column, after: position(column, in: old)),
                phases(of: column).going
            )
        }
    }

    /// When a column goes and comes. PostgreSQL changes no type while another column is computed from it.
    private func phases(of column: Schema.Column) -> (going: Phase, coming: Phase) {
        engine == .postgresql && column.generation != nil ? (.release, .constraints) : (.columns, .columns)
    }

    /// MySQL's and MariaDB's columns keep the collation they had when their table gets another one.
    private func keeping(_ column: Schema.Column, _ old: Schema.Table, _ new: Schema.Table) -> Schema.Column {
        let isText = [.text, .enumeration, .set].contains(column.type.family)
        guard engine == .mysql || engine == .mariadb, isText, column.collation == nil,
            let collation = old.options["collation"], collation != new.options["collation"]
        else { return column }
        var kept = column
        kept.collation = collation
        kept.characterSet = collation.split(separator: "_").first.map(String.init)
        return kept
    }

    /// Whether a column that is computed has to go before it comes again. Nothing is lost: its values are computed.
    ///
    /// - Parameter retyped: the columns of the table whose type changes, which PostgreSQL refuses while others are computed from them.
    private func isAnew(_ old: Schema.Column, _ new: Schema.Column, _ retyped: Set<String>) -> Bool {
        guard let generation = new.generation else { return false }
        switch engine {
        case .sqlite: return false
        case .postgresql:
            return old.generation != generation
                || !TokenReader.names(in: generation.expression, engine).isDisjoint(with: retyped)
        case .mysql, .mariadb:
            // What is stored and what is not cannot become the other.
            let isVirtual = [old, new].map { $0.generation?.isStored == false }
            return isVirtual[0] != isVirtual[1]
        }
    }

    private mutating func compareConstraints(_ old: Schema.Table, _ new: Schema.Table) {
        var olds = old.constraints
        var added: [Schema.Constraint] = []
        for constraint in new.constraints {
            if let index = olds.firstIndex(where: { same($0, constraint) }), !isAnew(constraint, of: new.name) {
                comment(constraint, of: new.name, from: olds.remove(at: index).comment)
            } else {
                added.append(constraint)
            }
        }
        for constraint in added {
            if engine == .postgresql, let index = olds.firstIndex(where: { renamed($0, constraint) }),
                !isAnew(constraint, of: new.name)
            {
                let former = olds.remove(at: index)
                add(.renameConstraint(table: new.name, from: former, to: constraint.name ?? ""), .rename)
                comment(constraint, of: new.name, from: former.comment)
            } else if let index = olds.firstIndex(where: { $0.isValidated(as: constraint) }),
                !isAnew(constraint, of: new.name)
            {
                let former = olds.remove(at: index)
                add(.validateConstraint(table: new.name, constraint: former), .constraints)
                comment(constraint, of: new.name, from: former.comment)
            } else {
                add(constraint: constraint, to: new.name)
            }
        }
        for constraint in olds {
            let phase: Phase = if case .foreignKey = constraint { .dropForeignKeys } else { .dropConstraints }
            add(.dropConstraint(table: new.name, constraint: constraint), phase)
        }
    }

    /// Whether it goes with a column, and has to come again with it.
    private func isAnew(_ constraint: Schema.Constraint, of table: ObjectName) -> Bool {
        guard let anew = anewColumns[table] else { return false }
        let names: Set<String> =
            switch constraint {
            case .primaryKey(let key), .unique(let key): Set(key.columns + key.included)
            case .foreignKey(let key): Set(key.columns)
            case .check(let check): TokenReader.names(in: check.expression, engine)
            case .exclusion(let exclusion): TokenReader.names(in: exclusion.definition, engine)
            }
        return !anew.isDisjoint(with: names)
    }

    private func isAnew(_ index: Schema.Index, of table: ObjectName) -> Bool {
        guard let anew = anewColumns[table] else { return false }
        let texts = index.parts.compactMap(\.expression) + [index.predicate].compactMap { $0 }
        let names = texts.reduce(into: Set(index.parts.compactMap(\.column) + index.included)) {
            $0.formUnion(TokenReader.names(in: $1, engine))
        }
        return !anew.isDisjoint(with: names)
    }

    private func same(_ left: Schema.Constraint, _ right: Schema.Constraint) -> Bool {
        guard hasOwnComments else { return left == right }
        var left = left
        left.comment = right.comment
        return left == right
    }

    private func renamed(_ left: Schema.Constraint, _ right: Schema.Constraint) -> Bool {
        guard left.name != nil, right.name != nil, left.name != right.name else { return false }
        var left = left
        left.name = right.name
        return same(left, right)
    }

    mutating func compareIndexes(_ old: [Schema.Index], _ new: [Schema.Index], of table: ObjectName) {
        func same(_ left: Schema.Index, _ right: Schema.Index, named: Bool) -> Bool {
            guard !isAnew(right, of: table) else { return false }
            var left = left
            if hasOwnComments { left.comment = right.comment }
            if named { left.name = right.name }
            return left == right
        }
        var olds = old
        var added: [Schema.Index] = []
        for index in new {
            guard let position = olds.firstIndex(where: { same($0, index, named: false) }) else {
                added.append(index)
                continue
            }
            let former = olds.remove(at: position)
            comment(.index(ObjectName(index.name, in: table.namespace)), former.comment, index.comment)
        }
        for index in added {
            if engine != .sqlite, let position = olds.firstIndex(where: { same($0, index, named: true) }) {
                let former = olds.remove(at: position)
                add(.renameIndex(table: table, from: former, to: index.name), .rename)
                comment(.index(ObjectName(index.name, in: table.namespace)), former.comment, index.comment)
            } else {
                add(index: index, to: table)
            }
        }
        for index in olds { add(.dropIndex(table: table, index: index), .dropConstraints) }
    }
}

extension Schema.Table {
    /// Without what people wrote about it and what is in it.
    fileprivate mutating func removeComments() {
        comment = nil
        for index in columns.indices { columns[index].comment = nil }
        primaryKey?.comment = nil
        for index in uniqueKeys.indices { uniqueKeys[index].comment = nil }
        for index in checks.indices { checks[index].comment = nil }
        for index in exclusions.indices { exclusions[index].comment = nil }
    }
}

extension Schema.Constraint {
    /// What people wrote about it.
    var comment: String? {
        get {
            switch self {
            case .primaryKey(let key), .unique(let key): key.comment
            case .check(let check): check.comment
            case .exclusion(let exclusion): exclusion.comment
            case .foreignKey(let key): key.comment
            }
        }
        set {
            switch self {
            case .primaryKey(var key):
                key.comment = newValue
                self = .primaryKey(key)
            case .unique(var key):
                key.comment = newValue
                self = .unique(key)
            case .check(var check):
                check.comment = newValue
                self = .check(check)
            case .exclusion(var exclusion):
                exclusion.comment = newValue
                self = .exclusion(exclusion)
            case .foreignKey(var key):
                key.comment = newValue
                self = .foreignKey(key)
            }
        }
    }

    /// Whether the other differs only in that its rows were checked.
    fileprivate func isValidated(as other: Schema.Constraint) -> Bool {
        switch (self, other) {
        case (.check(var left), .check(let right)) where !left.isValidated && right.isValidated:
            left.isValidated = true
            left.comment = right.comment
            return left == right
        case (.foreignKey(var left), .foreignKey(let right)) where !left.isValidated && right.isValidated:
            left.isValidated = true
            left.comment = right.comment
            return left == right
        default: return false
        }
    }
}
