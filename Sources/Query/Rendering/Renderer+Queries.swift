import Roost

extension Renderer {
    mutating func renderQuery(_ node: QueryNode) throws(DatabaseError) {
        switch node.kind {
        case .select(let options): try renderSelect(SelectTree(options, node.children))
        case .setOperation(let operation, let all): try renderSetOperation(operation, all: all, node.children)
        case .compound: try renderCompound(node.children, nil)
        case .values: try renderValues(node.children)
        default: throw Self.malformed
        }
    }

    private mutating func renderCompound(_ children: [QueryNode], _ outputNames: [String]?) throws(DatabaseError) {
        try renderCommonTables(children[0])
        let isEmpty = profile.engine == .sqlserver && children[3].kind == .noRows
        if isEmpty { write("select top (0) * from (") }
        if let outputNames { try render(children[1], outputNames: outputNames) } else { try render(children[1]) }
        guard !isEmpty else {
            write(")")
            return try renderAlias("t")
        }
        try renderOrderAndLimit(order: children[2], limit: children[3], offset: children[4], withTies: false)
    }

    /// A select's parts by name.
    struct SelectTree {
        let options: SelectOptions
        let parts: [QueryNode]

        init(_ options: SelectOptions, _ parts: [QueryNode]) {
            self.options = options
            self.parts = parts
        }

        subscript(part: SelectPart) -> QueryNode { parts[part.rawValue] }
    }

    private mutating func renderSelect(_ tree: SelectTree, outputNames: [String]? = nil) throws(DatabaseError) {
        if !tree[.with].isAbsent, profile.engine == .sqlserver, !isEmpty {
            throw notSupported("common tables inside of a statement", hint: "Define them for the statement as a whole.")
        }
        try renderCommonTables(tree[.with])
        write("select ")
        let columns = tree[.columns].children
        if !tree[.distinctOn].isAbsent {
            try require(
                .distinctOn,
                hint: "Number the rows with rowNumber().over(partitionBy:orderBy:) in a subquery, and keep the first."
            )
            write("distinct on (")
            try renderTerms(tree[.distinctOn], columns)
            write(") ")
        } else if tree.options.isDistinct {
            write("distinct ")
        }
        if tree.options.withTies {
            try require(.withTies)
            if profile.engine == .sqlserver {
                if !tree[.offset].isAbsent { throw notSupported("WITH TIES after an OFFSET") }
                write("top (")
                try renderCount(tree[.limit])
                write(") with ties ")
            }
        } else if tree[.limit].kind == .noRows, profile.engine == .sqlserver {
            write("top (0) ")
        }
        try renderColumns(columns, outputNames)
        if !tree[.from].isAbsent {
            write(" from ")
            for (index, source) in tree[.from].children.enumerated() {
                if index > 0 { write(" cross join ") }
                try renderSource(source)
            }
        } else if profile.engine == .oracle {
            write(" from dual")
        } else if profile.engine == .db2 {
            write(" from sysibm.sysdummy1")
        }
        try clause(" where ", tree[.condition])
        try renderGroups(tree)
        try clause(" having ", tree[.having])
        let repeats = tree.options.isDistinct || !tree[.groups].isAbsent || !tree[.distinctOn].isAbsent
        let isEmpty = tree[.limit].kind == .noRows
        let topped = profile.engine == .sqlserver && (tree.options.withTies || isEmpty)
        try renderOrderAndLimit(
            order: tree[.order],
            columns: repeats ? columns : [],
            limit: topped ? .absent : tree[.limit],
            offset: topped ? .absent : tree[.offset],
            withTies: tree.options.withTies,
            isPlain: !tree.options.isDistinct
        )
        if !tree[.locks].isAbsent { for lock in tree[.locks].children { try renderLock(lock) } }
    }

    private mutating func renderGroups(_ tree: SelectTree) throws(DatabaseError) {
        let groups = tree[.groups]
        guard !groups.isAbsent else { return }
        let hasSets = groups.children.contains { if case .groupingSets = $0.kind { true } else { false } }
        if hasSets, profile.isMySQLFamily {
            // `WITH ROLLUP` is about all groups there are.
            if groups.children.count > 1 {
                throw notSupported("ROLLUP beside other groups", hint: "Roll up over all of them, and filter the rows.")
            }
            if profile.engine == .mariadb, !tree[.order].isAbsent {
                throw notSupported("ORDER BY with ROLLUP", hint: "Order the rows of a subquery.")
            }
        }
        write(" group by ")
        try renderTerms(groups, tree[.columns].children)
    }

    /// Terms, by position where they are columns with bound values.
    private mutating func renderTerms(_ terms: QueryNode, _ columns: [QueryNode]) throws(DatabaseError) {
        for (index, term) in terms.children.enumerated() {
            if index > 0 { write(", ") }
            guard let position = position(of: term, among: columns) else {
                try render(term)
                continue
            }
            if profile.isOne(of: .sqlserver, .oracle, .db2) {
                throw notSupported(
                    "grouping by a selected expression with bound values",
                    hint: "Select it in a subquery, and group by that column."
                )
            }
            write("\(position)")
        }
    }

    private mutating func clause(_ word: String, _ node: QueryNode) throws(DatabaseError) {
        guard !node.isAbsent else { return }
        write(word)
        try render(node)
    }

    mutating func renderColumns(_ columns: [QueryNode], _ outputNames: [String]? = nil) throws(DatabaseError) {
        if let outputNames, outputNames.count != columns.count {
            throw DatabaseError(
                .programming,
                .invalidStatement,
                "A query with \(columns.count) columns is used as a table of \(outputNames.count).",
                hint: "Select one column for each property of the table's type."
            )
        }
        if columns.isEmpty { write("1") }
        for (index, column) in columns.enumerated() {
            if index > 0 { write(", ") }
            try render(column)
            if let outputNames {
                write(" as ")
                try write(identifier: outputNames[index])
            } else if case .alias(let name) = column.kind {
                write(" as ")
                try write(identifier: name)
            }
        }
    }

    /// A query whose columns get these names.
    mutating func render(_ query: QueryNode, outputNames: [String]) throws(DatabaseError) {
        switch query.kind {
        case .select(let options): try renderSelect(SelectTree(options, query.children), outputNames: outputNames)
        case .setOperation(let operation, let all):
            try renderSetOperation(operation, all: all, query.children, outputNames: outputNames)
        case .compound: try renderCompound(query.children, outputNames)
        case .values: try renderValues(query.children, outputNames: outputNames)
        default: try render(query)
        }
    }

    // MARK: Order and limit

    mutating func renderOrder(_ term: QueryNode, _ descending: Bool, _ nulls: NullPlacement?) throws(DatabaseError) {
        if let nulls, !profile.has(.nulls) {
            // Truth sorts after falsehood.
            write("case when ")
            try operand(term)
            write(nulls == .first ? " is null then 0 else 1 end, " : " is null then 1 else 0 end, ")
        }
        try render(term)
        if descending { write(" desc") }
        if let nulls, profile.has(.nulls) { write(" nulls \(nulls.rawValue)") }
    }

    /// A term of an order by its position, where it is a column with bound values.
    private mutating func positioned(_ term: QueryNode, _ columns: [QueryNode]) -> QueryNode? {
        guard case .order(let descending, let nulls) = term.kind else {
            return position(of: term, among: columns).map { QueryNode(.raw([.text("\($0)")])) }
        }
        guard nulls == nil || profile.has(.nulls) else { return nil }
        return position(of: term.children[0], among: columns).map {
            QueryNode(.order(descending: descending, nulls: nulls), [QueryNode(.raw([.text("\($0)")]))])
        }
    }

    private mutating func renderOrderAndLimit(
        order: QueryNode,
        columns: [QueryNode] = [],
        limit: QueryNode,
        offset: QueryNode,
        withTies: Bool,
        isPlain: Bool = false
    ) throws(DatabaseError) {
        if !order.isAbsent {
            write(" order by ")
            for (index, term) in order.children.enumerated() {
                if index > 0 { write(", ") }
                if !columns.isEmpty, let form = positioned(term, columns) { try render(form) } else { try render(term) }
            }
        }
        guard !limit.isAbsent || !offset.isAbsent else { return }
        switch profile.engine {
        case _ where !withTies && profile.hasLimit:
            if !limit.isAbsent {
                write(" limit ")
                try renderCount(limit)
            } else if profile.engine == .sqlite {
                write(" limit -1")
            } else if profile.isMySQLFamily {
                write(" limit 18446744073709551615")
            }
            if !offset.isAbsent {
                write(" offset ")
                try renderCount(offset)
            }
        default:
            // SQL Server wants an order, and what is selected in that of rows that are put together or distinct.
            if profile.engine == .sqlserver, order.isAbsent {
                write(isPlain ? " order by (select null)" : " order by 1")
            }
            let isNeeded = profile.engine == .sqlserver
            if !offset.isAbsent || isNeeded {
                write(" offset ")
                if offset.isAbsent { write("0") } else { try renderCount(offset) }
                write(" rows")
            }
            if !limit.isAbsent {
                write(isNeeded || !offset.isAbsent ? " fetch next " : " fetch first ")
                try renderCount(limit)
                write(withTies ? " rows with ties" : " rows only")
            }
        }
    }

    private mutating func renderCount(_ count: QueryNode) throws(DatabaseError) {
        if count.kind == .noRows { return write("0") }
        if case .literal = count.kind { try parameter(of: count) } else { try render(count) }
    }

    // MARK: Set operations

    private mutating func renderSetOperation(
        _ operation: SetOperator,
        all: Bool,
        _ children: [QueryNode],
        outputNames: [String]? = nil
    ) throws(DatabaseError) {
        if operation != .union { try require(all ? .intersectAll : .intersect) }
        try renderOperand(children[0], of: operation, all: all, isFirst: true, outputNames)
        let word = operation == .except && profile.engine == .oracle && !all ? "minus" : operation.rawValue
        write(all ? " \(word) all " : " \(word) ")
        try renderOperand(children[1], of: operation, all: all, isFirst: false, nil)
    }

    private mutating func renderOperand(
        _ node: QueryNode,
        of operation: SetOperator,
        all: Bool,
        isFirst: Bool,
        _ outputNames: [String]?
    ) throws(DatabaseError) {
        let isPlain: Bool
        switch node.kind {
        case .select(_):
            let tree = node.children
            isPlain = [SelectPart.with, .order, .limit, .offset, .locks].allSatisfy { tree[$0.rawValue].isAbsent }
        // The same operation from left to right needs no parentheses.
        case .setOperation(let inner, let innerAll): isPlain = isFirst && inner == operation && innerAll == all
        default: isPlain = false
        }
        func body(_ renderer: inout Renderer) throws(DatabaseError) {
            if let outputNames {
                try renderer.render(node, outputNames: outputNames)
            } else {
                try renderer.render(node)
            }
        }
        if isPlain { return try body(&self) }
        // SQLite has no parentheses here, and others refuse an order inside of them without a limit.
        let needsTable = profile.isOne(of: .sqlite, .oracle, .sqlserver)
        write(needsTable ? "select * from (" : "(")
        try body(&self)
        write(")")
        if needsTable, profile.engine == .sqlserver { try renderAlias("t") }
    }

    // MARK: Common tables

    mutating func renderCommonTables(_ list: QueryNode) throws(DatabaseError) {
        guard !list.isAbsent, !list.children.isEmpty else { return }
        var isRecursive = false
        for table in list.children {
            if case .commonTable(_, _, true, _) = table.kind { isRecursive = true }
        }
        // The standard's word, which some engines do without.
        write(isRecursive && !profile.isOne(of: .sqlserver, .oracle, .db2) ? "with recursive " : "with ")
        for (index, table) in list.children.enumerated() {
            guard case .commonTable(let name, let columns, _, let materialized) = table.kind else {
                throw Self.malformed
            }
            if index > 0 { write(", ") }
            try write(identifier: name)
            if let columns, !columns.isEmpty { try writeColumnNames(columns) }
            write(" as ")
            if let materialized, profile.isOne(of: .postgresql, .sqlite) {
                write(materialized ? "materialized " : "not materialized ")
            }
            let body = table.children[0]
            if case .insert = body.kind { try require(.modifyingCommonTables) }
            if body.kind == .update || body.kind == .delete { try require(.modifyingCommonTables) }
            write("(")
            try render(body)
            write(")")
        }
        write(" ")
    }

    mutating func writeColumnNames(_ names: [String]) throws(DatabaseError) {
        write(" (")
        for (index, name) in names.enumerated() {
            if index > 0 { write(", ") }
            try write(identifier: name)
        }
        write(")")
    }

    // MARK: Values

    private mutating func renderValues(_ rows: [QueryNode], outputNames: [String]? = nil) throws(DatabaseError) {
        if let outputNames, profile.isOne(of: .postgresql, .sqlite) {
            // A union of thousands would be too deep for SQLite; the columns have these names in both.
            write("select ")
            for (index, name) in outputNames.enumerated() {
                write("\(index > 0 ? ", " : "")column\(index + 1) as ")
                try write(identifier: name)
            }
            write(" from (")
            try renderValues(rows)
            write(")")
            return try renderAlias("rows")
        }
        let usesKeyword = profile.isOne(of: .postgresql, .sqlite, .db2, .mysql) && outputNames == nil
        if usesKeyword {
            write("values ")
            for (index, row) in rows.enumerated() {
                if index > 0 { write(", ") }
                if profile.engine == .mysql { write("row") }
                try render(row)
            }
            return
        }
        for (index, row) in rows.enumerated() {
            write(index > 0 ? " union all select " : "select ")
            try renderColumns(row.children, index == 0 ? outputNames : nil)
            if profile.engine == .oracle { write(" from dual") }
            if profile.engine == .db2 { write(" from sysibm.sysdummy1") }
        }
    }

    // MARK: Locks

    private mutating func renderLock(_ node: QueryNode) throws(DatabaseError) {
        guard case .lock(let strength, let tables, let wait) = node.kind else { throw Self.malformed }
        try require(
            .rowLocks,
            hint: profile.engine == .sqlite ? "A writing transaction locks the whole database." : nil
        )
        if !tables.isEmpty { try require(.lockOfTables) }
        if wait != .wait { try require(.skipLocked) }
        switch (profile.engine, strength) {
        case (.mariadb, .share): write(" lock in share mode")
        case (.oracle, .share): throw notSupported("FOR SHARE")
        case (_, .update): write(" for update")
        case (_, .share): write(" for share")
        case (.postgresql, .noKeyUpdate): write(" for no key update")
        case (.postgresql, .keyShare): write(" for key share")
        default: throw notSupported("FOR NO KEY UPDATE and FOR KEY SHARE")
        }
        if !tables.isEmpty {
            write(" of ")
            for (index, table) in tables.enumerated() {
                if index > 0 { write(", ") }
                try write(identifier: table)
            }
        }
        switch wait {
        case .wait: break
        case .skip: write(" skip locked")
        case .fail: write(" nowait")
        }
    }
}

extension DialectProfile {
    fileprivate var hasLimit: Bool { isOne(of: .sqlite, .mysql, .mariadb, .postgresql) }
}
