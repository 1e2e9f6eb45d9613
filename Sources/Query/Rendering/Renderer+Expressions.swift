import Roost

extension Renderer {
    mutating func renderExpression(_ node: QueryNode) throws(DatabaseError) {
        let children = node.children
        switch node.kind {
        case .literal(let kind): try renderLiteral(node, kind)
        case .column(let source, let name):
            if let source, !isUnqualified {
                try write(identifier: [sourceNames[source] ?? source, name])
            } else {
                try write(identifier: name)
            }
        case .allColumns(let source):
            if let source, !isUnqualified {
                try write(identifier: sourceNames[source] ?? source)
                write(".")
            }
            write("*")
        case .identifier(let parts): try write(identifier: parts)
        case .list: try write(list: children)
        case .tuple:
            write("(")
            try write(list: children)
            write(")")
        case .raw(let pieces): try renderRaw(pieces, children)
        case .alias: try render(children[0])
        case .binary(let operation): try renderBinary(operation, children[0], children[1])
        case .negate:
            write("-")
            try operand(children[0])
        case .not:
            write("not ")
            try operand(children[0])
        case .and: try renderConnected(children, " and ")
        case .or: try renderConnected(children, " or ")
        case .isNull(let negated):
            if profile.engine == .postgresql, case .literal(.text) = children[0].kind {
                // Nothing else here says what type the parameter has.
                try renderCast(children[0], .text)
            } else {
                try operand(children[0])
            }
            write(negated ? " is not null" : " is null")
        case .truth: try renderTruth(children[0])
        case .constant(let isTrue): write(isTrue ? "1 = 1" : "1 = 0")
        case .conditionValue: try renderConditionValue(children[0])
        case .distinctFrom(let negated): try renderDistinct(children[0], children[1], negated: negated)
        case .between(let negated):
            try operand(children[0])
            write(negated ? " not between " : " between ")
            try operand(children[1])
            write(" and ")
            try operand(children[2])
        case .inValues(let negated, let count, let isDecimal):
            try renderMembership(children, negated: negated, count: count, isDecimal: isDecimal)
        case .inQuery(let negated):
            if children[0].kind == .tuple { try require(.rowValues) }
            try operand(children[0])
            write(negated ? " not in (" : " in (")
            try renderCompared(children[1])
            write(")")
        case .exists(let negated):
            write(negated ? "not exists (" : "exists (")
            try render(children[0])
            write(")")
        case .quantified(let operation, let quantifier): try renderQuantified(operation, quantifier, children)
        case .like(let negated, let ignoringCase): try renderLike(children, negated, ignoringCase)
        case .contains(let match): try renderContains(children[0], children[1], match)
        case .collate(let collation):
            try operand(children[0])
            write(" collate ")
            if profile.isMySQLFamily || profile.engine == .sqlserver {
                try writeWord(collation)
            } else {
                try write(identifier: collation)
            }
        case .cast(let type): try renderCast(children[0], type)
        case .typed(let type):
            // These take a parameter for what its value is, which for NULL is nothing.
            let isNull = children[0].kind == .literal(.null)
            if profile.engine == .sqlite || !isNull && profile.isOne(of: .mysql, .mariadb, .sqlserver) {
                try render(children[0])
            } else {
                try renderCast(children[0], type)
            }
        case .caseWhen: try renderCase(children)
        case .function(let name): try renderFunction(name, children)
        case .namedFunction(let name): try renderNamedFunction(name, children)
        case .nextNumber(let path): try renderNextNumber(path)
        case .dateField(let field): try renderDateField(field, children[0])
        case .truncateDate(let field): try renderTruncation(field, children[0])
        case .addToDate(let field): try renderAddition(field, children[0], children[1])
        case .dateDifference(let field): try renderDifference(field, children[0], children[1])
        case .json(let operation, let path, let type): try renderJSON(operation, path, type, children)
        case .textSearch: try renderTextSearch(children)
        case .aggregate(let name, let distinct, let type):
            try renderAggregate(name, isDistinct: distinct, type, children)
        case .over(let frame): try renderWindow(frame, children)
        case .groupingSets(let kind): try renderGrouping(kind, children)
        case .subquery:
            write("(")
            try render(children[0])
            write(")")
        case .order(let descending, let nulls): try renderOrder(children[0], descending, nulls)
        case .defaultValue: try renderDefault()
        case .excluded(let name): try renderExcluded(name)
        case .table, .join, .derived, .tableFunction: try renderSource(node)
        default: throw Self.malformed
        }
    }

    private mutating func renderConnected(_ children: [QueryNode], _ word: String) throws(DatabaseError) {
        for (index, child) in children.enumerated() {
            if index > 0 { write(word) }
            switch child.kind {
            case .and, .or, .not, .raw, .constant: try operand(child)
            default: try render(child)
            }
        }
    }

    private mutating func renderLiteral(_ node: QueryNode, _ kind: ValueKind) throws(DatabaseError) {
        if isDefining {
            try write(literal: node.value)
        } else if profile.engine == .sqlite, kind == .decimal, !isStoring {
            // Bound as text, which SQLite compares as text unless a column's type says otherwise.
            write("cast(")
            try parameter(of: node)
            write(" as numeric)")
        } else if profile.engine == .mysql, kind == .int, !isStoring {
            // MySQL computes with parameters in double precision unless it is told what they are.
            write("cast(")
            try parameter(of: node)
            write(" as signed)")
        } else if profile.engine == .db2, !isStoring, let type = kind.sqlType {
            write("cast(")
            try parameter(of: node)
            write(" as ")
            try writeCastType(type)
            write(")")
        } else {
            try parameter(of: node)
        }
    }

    private mutating func renderRaw(_ pieces: [RawPiece], _ children: [QueryNode]) throws(DatabaseError) {
        var next = children.makeIterator()
        for piece in pieces {
            switch piece {
            case .text(let text): write(text)
            case .identifier(let name): try write(identifier: name)
            case .child:
                guard let child = next.next() else { throw Self.malformed }
                if child.kind.isQuery {
                    write("(")
                    try render(child)
                    write(")")
                } else {
                    try operand(child)
                }
            }
        }
    }

    private mutating func renderBinary(
        _ operation: BinaryOperator,
        _ left: QueryNode,
        _ right: QueryNode
    ) throws(DatabaseError) {
        if left.kind == .tuple { try require(.rowValues) }
        switch operation {
        case .divideIntegers where profile.engine == .oracle:
            write("trunc(")
            try operand(left)
            write(" / ")
            try operand(right)
            write(")")
            return
        case .remainder where profile.isOne(of: .oracle, .db2): return try call("mod", [left, right])
        case .concatenate where profile.isMySQLFamily || profile.engine == .sqlserver:
            if profile.engine == .sqlserver {
                // `concat` takes NULL for the empty string.
                try operand(left)
                write(" + ")
                return try operand(right)
            }
            return try call("concat", [left, right])
        case .arrayContains, .arrayOverlaps: try require(.arrays)
        default: break
        }
        try renderSide(left, of: operation)
        switch operation {
        case .divideIntegers: write(profile.isMySQLFamily ? " div " : " / ")
        default: write(" \(operation.rawValue) ")
        }
        try renderSide(right, of: operation)
    }

    private mutating func renderSide(_ side: QueryNode, of operation: BinaryOperator) throws(DatabaseError) {
        if operation.isComparison, case .literal(let kind) = side.kind, kind == .int || profile.engine == .db2 {
            try parameter(of: side)
        } else {
            try operand(side)
        }
    }

    private var hasConditionsAsValues: Bool { !profile.isOne(of: .sqlserver, .oracle, .db2) }

    private mutating func renderTruth(_ child: QueryNode) throws(DatabaseError) {
        try operand(child)
        if !hasConditionsAsValues { write(" = 1") }
    }

    private mutating func renderConditionValue(_ child: QueryNode) throws(DatabaseError) {
        if hasConditionsAsValues {
            write("(")
            try render(child)
            write(")")
        } else {
            write("case when ")
            try render(child)
            write(" then 1 when not (")
            try render(child)
            write(") then 0 end")
        }
    }

    private mutating func renderDistinct(_ left: QueryNode, _ right: QueryNode, negated: Bool) throws(DatabaseError) {
        switch profile.engine {
        case .sqlite:
            try operand(left)
            write(negated ? " is " : " is not ")
            try operand(right)
        case .mysql, .mariadb:
            if !negated { write("not (") }
            try operand(left)
            write(" <=> ")
            try operand(right)
            if !negated { write(")") }
        case .oracle:
            write("decode(")
            try write(list: [left, right])
            write(negated ? ", 1, 0) = 1" : ", 1, 0) = 0")
        default:
            try operand(left)
            write(negated ? " is not distinct from " : " is distinct from ")
            try operand(right)
        }
    }

    /// The right side of `IN`, `ANY` and `ALL`.
    private mutating func renderCompared(_ query: QueryNode) throws(DatabaseError) {
        let limit: QueryNode? =
            switch query.kind {
            case .select: query.children[SelectPart.limit.rawValue]
            case .compound: query.children[3]
            default: nil
            }
        // MySQL and MariaDB take no limit there, but one level down.
        guard profile.isMySQLFamily, let limit, !limit.isAbsent else { return try render(query) }
        write("select * from (")
        try render(query)
        write(")")
        try renderAlias("limited")
    }

    private mutating func renderMembership(
        _ children: [QueryNode],
        negated: Bool,
        count: Int,
        isDecimal: Bool
    ) throws(DatabaseError) {
        try operand(children[0])
        // In a definition, an array would have a type of its own before it is compared.
        if profile.engine == .postgresql, !isDefining || count == 0 {
            // One parameter and one text, however many values there are.
            write(negated ? " <> all(" : " = any(")
            try parameter(of: children[1])
            write(")")
            return
        }
        write(negated ? " not in (" : " in (")
        for index in 0..<count {
            if index > 0 { write(", ") }
            // As in renderLiteral.
            if isDecimal, profile.engine == .sqlite { write("cast(") }
            try parameter(of: children[1], .element(index))
            if isDecimal, profile.engine == .sqlite { write(" as numeric)") }
        }
        write(")")
    }

    private mutating func renderQuantified(
        _ operation: BinaryOperator,
        _ quantifier: Quantifier,
        _ children: [QueryNode]
    ) throws(DatabaseError) {
        if children[1].kind.isQuery {
            try require(.quantified, hint: "Compare with the minimum or maximum of the subquery.")
        } else {
            try require(.arrays)
        }
        try operand(children[0])
        write(" \(operation.rawValue) \(quantifier.rawValue)(")
        try renderCompared(children[1])
        write(")")
    }

    private mutating func renderCase(_ children: [QueryNode]) throws(DatabaseError) {
        write("case")
        var index = 0
        while index + 1 < children.count {
            write(" when ")
            try render(children[index])
            write(" then ")
            try operand(children[index + 1])
            index += 2
        }
        if let last = children.last, !last.isAbsent, index < children.count {
            write(" else ")
            try operand(last)
        }
        write(" end")
    }

    /// A name that is not quoted: letters, digits and underscores alone.
    mutating func writeWord(_ word: String) throws(DatabaseError) {
        let isWord = word.utf8.allSatisfy {
            ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F
        }
        guard isWord, !word.isEmpty else {
            throw DatabaseError(
                .programming,
                .invalidStatement,
                "A name that cannot be quoted holds more than letters, digits and underscores."
            )
        }
        write(word)
    }

    mutating func renderNamedFunction(_ name: [String], _ arguments: [QueryNode]) throws(DatabaseError) {
        for (index, part) in name.enumerated() {
            if index > 0 { write(".") }
            // Quoted, a built-in function's name would be looked for in the wrong case by some engines.
            try writeWord(part)
        }
        write("(")
        try write(list: arguments)
        write(")")
    }
}

extension ValueKind {
    /// The type of a parameter, where an engine cannot do without.
    fileprivate var sqlType: SQLType? {
        switch self {
        case .bool: .bool
        case .int: .int64
        case .double: .double
        case .decimal: .decimal
        case .text: .text
        case .date: .date
        case .time: .time
        case .timestamp: .timestamp
        default: nil
        }
    }
}

extension NodeKind {
    var isQuery: Bool {
        switch self {
        case .select, .compound, .values, .setOperation: true
        default: false
        }
    }
}
