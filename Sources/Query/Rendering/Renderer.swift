package import Roost

/// Writes a query's tree as SQL of one dialect.
///
/// Values only ever become parameters, names only ever quoted identifiers; the rest of the text comes from this library and from
/// what the application marked as raw.
package struct Renderer {
    /// How deep a tree may be: rendering, like releasing a tree, is recursive.
    package static let maximumDepth = 400

    package let profile: DialectProfile
    package private(set) var statement = Statement(unsafe: "")
    private(set) var plan: [BindStep] = []
    private let literals: [Value]
    private(set) var matches: [LiteralMatch] = []
    /// Columns are written without the name of their table.
    var isUnqualified = false
    /// What tables are called in a clause that does not know them by the name they have in the query.
    var sourceNames: [String: String] = [:]
    /// Inside `VALUES` and `SET`, where a value is stored as it is.
    var isStoring = false
    /// What `excluded` columns are called while an upsert's assignments are written.
    var excludedPrefix: String?
    /// Values are written as literals: engines take no parameters in definitions. The tree is not numbered then.
    var isDefining = false

    package init(_ profile: DialectProfile, literals: [Value] = []) {
        self.profile = profile
        self.literals = literals
    }

    // MARK: Writing

    /// Whether nothing was written yet.
    var isEmpty: Bool { statement.text.isEmpty }

    package mutating func write(_ text: String) {
        statement.append(unsafe: text)
    }

    package mutating func write(identifier parts: [String]) throws(DatabaseError) {
        // No engine allows NUL in a name, and interfaces in C would end the text there.
        guard !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(0) }) else {
            throw DatabaseError(.programming, .invalidStatement, "A name is empty or holds a NUL character.")
        }
        statement.append(identifier: parts)
    }

    package mutating func write(identifier name: String) throws(DatabaseError) {
        try write(identifier: [name])
    }

    /// A string literal; for what engines want as literals and not as parameters.
    package mutating func write(string text: String) throws(DatabaseError) {
        guard !text.utf8.contains(0) else {
            throw DatabaseError(.programming, .invalidStatement, "A text literal holds a NUL character.")
        }
        var quoted = text.replacing("'", with: "''")
        if profile.dialect.lexicon.contains(.backslashEscapes) { quoted = quoted.replacing("\\", with: "\\\\") }
        // Without the N, SQL Server takes the text for one of its code page.
        write((profile.engine == .sqlserver ? "N'" : "'") + quoted + "'")
    }

    package mutating func write(list nodes: [QueryNode], separator: String = ", ") throws(DatabaseError) {
        for (index, node) in nodes.enumerated() {
            if index > 0 { write(separator) }
            try render(node)
        }
    }

    package mutating func call(_ name: String, _ arguments: [QueryNode]) throws(DatabaseError) {
        write(name + "(")
        try write(list: arguments)
        write(")")
    }

    mutating func parameter(of literal: QueryNode, _ transform: BindStep.Transform = .none) throws(DatabaseError) {
        guard !isDefining else {
            return try write(literal: BindStep(literal: 0, transform: transform).value([literal.value]))
        }
        guard case .int(let number) = literal.value else { throw Self.malformed }
        statement.append(parameter: .null)
        plan.append(BindStep(literal: Int(number), transform: transform))
    }

    /// The position, from 1, of a term with bound values among a query's columns. Engines would not know it again by its text:
    /// no two parameters are the same to them.
    mutating func position(of term: QueryNode, among columns: [QueryNode]) -> Int? {
        guard !isDefining, let first = term.firstLiteral else { return nil }
        for (index, column) in columns.enumerated() {
            let expression = if case .alias = column.kind { column.children[0] } else { column }
            guard let second = expression.firstLiteral, expression.hasShape(of: term) else { continue }
            var match = LiteralMatch(first: first, second: second, count: term.literalCount)
            match.wereEqual = match.areEqual(in: literals)
            matches.append(match)
            if match.wereEqual { return index + 1 }
        }
        return nil
    }

    // MARK: Errors

    package func notSupported(_ what: String, hint: String? = nil) -> DatabaseError {
        DatabaseError(
            .notSupported,
            .notSupported,
            "\(profile.engineName) does not have \(what).",
            hint: hint,
            sqlState: "0A000",
            engine: profile.dialect.name
        )
    }

    package func require(_ feature: QueryFeature, hint: String? = nil) throws(DatabaseError) {
        guard !profile.has(feature) else { return }
        throw notSupported(feature.rawValue, hint: hint)
    }

    static let malformed = DatabaseError(
        .internal,
        .misuse,
        "A query's tree is malformed.",
        hint: "This is a defect of the library."
    )

    // MARK: Rendering

    /// A node as it stands: whole statements and expressions alike.
    package mutating func render(_ node: QueryNode) throws(DatabaseError) {
        switch node.kind {
        case .absent: break
        case .select, .compound, .values, .setOperation: try renderQuery(node)
        case .insert, .update, .delete, .merge, .truncate: try renderChange(node)
        default: try renderExpression(node)
        }
    }

    /// The top of a tree.
    mutating func renderStatement(_ node: QueryNode) throws(DatabaseError) {
        try render(node)
        if profile.engine == .sqlserver, case .merge = node.kind { write(";") }
    }

    /// An operand: in parentheses where the node is an operator itself.
    package mutating func operand(_ node: QueryNode) throws(DatabaseError) {
        if node.kind.isOperator {
            write("(")
            try render(node)
            write(")")
        } else {
            try render(node)
        }
    }
}

extension DialectProfile {
    /// The engine's name for people.
    var engineName: String {
        let name =
            switch engine {
            case .sqlite: "SQLite"
            case .postgresql: "PostgreSQL"
            case .mysql: "MySQL"
            case .mariadb: "MariaDB"
            case .sqlserver: "SQL Server"
            case .oracle: "Oracle"
            case .db2: "DB2"
            case .standard: dialect.name
            }
        return version == .max ? name : "\(name) \(version / 1_000_000).\(version / 1_000 % 1_000)"
    }
}

extension QueryNode {
    /// The number of the first literal of a numbered tree.
    fileprivate var firstLiteral: Int? {
        guard literalCount > 0 else { return nil }
        if case .literal = kind { return if case .int(let number) = value { Int(number) } else { nil } }
        for child in children { if let first = child.firstLiteral { return first } }
        return nil
    }
}

extension NodeKind {
    /// Whether the node needs parentheses inside of another operator.
    var isOperator: Bool {
        switch self {
        case .binary, .negate, .not, .and, .or, .isNull, .truth, .constant, .distinctFrom, .between, .inValues,
            .inQuery, .exists, .quantified, .like, .contains, .collate, .raw, .textSearch, .dateDifference, .addToDate,
            .dateField, .truncateDate, .json:
            true
        default: false
        }
    }
}
