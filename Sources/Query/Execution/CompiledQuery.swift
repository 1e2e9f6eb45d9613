import Roost

/// A query's SQL for one dialect, and where each of its parameters comes from.
struct CompiledQuery: Sendable {
    /// The text with its parameters, and its form for the dialect.
    let template: Statement
    /// Where each parameter comes from.
    let plan: [BindStep]
    /// What was known of the values when the text was written, and has to be so again.
    var matches: [LiteralMatch] = []

    func fits(_ literals: [Value]) -> Bool {
        matches.allSatisfy { $0.areEqual(in: literals) == $0.wereEqual }
    }

    func statement(_ literals: [Value]) throws(DatabaseError) -> Statement {
        var values: [Value] = []
        values.reserveCapacity(plan.count)
        for step in plan { values.append(try step.value(literals)) }
        return try template.binding(values)
    }
}

/// Two runs of literals whose equality decides about the text of a query.
struct LiteralMatch: Sendable, Hashable {
    let first: Int
    let second: Int
    let count: Int
    var wereEqual = false

    func areEqual(in literals: [Value]) -> Bool {
        let end = max(first, second) + count
        guard end <= literals.count else { return false }
        return literals[first..<first + count] == literals[second..<second + count]
    }
}

/// What makes one parameter of the literals of a tree.
struct BindStep: Sendable, Hashable {
    enum Transform: Hashable, Sendable {
        case none
        /// One element of an array.
        case element(Int)
        /// Text for `LIKE` with its wildcards escaped by a backslash; SQL Server has one more of them, the bracket.
        case like(TextMatch, escapesBrackets: Bool)
        /// A pattern for `LIKE` whose brackets are no wildcards.
        case brackets
    }

    var literal: Int
    var transform: Transform

    func value(_ literals: [Value]) throws(DatabaseError) -> Value {
        guard literals.indices.contains(literal) else { throw Self.inconsistent }
        let value = literals[literal]
        switch (transform, value) {
        case (.none, _): return value
        case (.element(let index), .array(let elements)):
            guard elements.indices.contains(index) else { throw Self.inconsistent }
            return elements[index]
        case (.like(let match, let escapesBrackets), .text(let text)):
            return .text(Self.pattern(text, match, escapesBrackets: escapesBrackets))
        case (.brackets, .text(let text)): return .text(Self.escapingBrackets(text))
        case (_, .null): return .null
        default: throw Self.inconsistent
        }
    }

    private static func escapingBrackets(_ pattern: String) -> String {
        var escaped = ""
        var isEscaped = false
        for character in pattern.unicodeScalars {
            if character == "[", !isEscaped { escaped.unicodeScalars.append("\\") }
            isEscaped = character == "\\" && !isEscaped
            escaped.unicodeScalars.append(character)
        }
        return escaped
    }

    static func pattern(_ text: String, _ match: TextMatch, escapesBrackets: Bool) -> String {
        var pattern = match == .prefix ? "" : "%"
        for character in text.unicodeScalars {
            if character == "%" || character == "_" || character == "\\" || character == "[" && escapesBrackets {
                pattern.unicodeScalars.append("\\")
            }
            pattern.unicodeScalars.append(character)
        }
        return match == .suffix ? pattern : pattern + "%"
    }

    private static let inconsistent = DatabaseError(
        .internal,
        .misuse,
        "A compiled query does not fit its values.",
        hint: "This is a defect of the library."
    )
}

/// The compiled queries of this process, by shape and dialect: a query that was seen before costs its binding.
enum QueryCompiler {
    private struct Key: Hashable {
        let node: QueryNode
        let profile: DialectProfile

        func hash(into hasher: inout Hasher) {
            hasher.combine(node.shapeHash)
            hasher.combine(profile.engine)
        }

        static func == (left: Key, right: Key) -> Bool {
            left.profile == right.profile && left.node.hasShape(of: right.node)
        }
    }

    private struct Entry {
        let compiled: CompiledQuery
        var used: UInt64
    }

    private struct Cache {
        var entries: [Key: Entry] = [:]
        var clock: UInt64 = 0
    }

    /// Queries kept; the half that was not used for longest goes when there are more.
    static let capacity = 2_048
    private static let cache = Locked(Cache())

    static func statement(for query: QueryNode, _ profile: DialectProfile) throws(DatabaseError) -> Statement {
        let key = Key(node: query, profile: profile)
        let known = cache.withLock { cache -> CompiledQuery? in
            guard let index = cache.entries.index(forKey: key) else { return nil }
            cache.clock += 1
            cache.entries.values[index].used = cache.clock
            return cache.entries.values[index].compiled
        }
        var literals: [Value] = []
        literals.reserveCapacity(query.literalCount)
        query.appendLiterals(to: &literals)
        if let known, known.fits(literals) { return try known.statement(literals) }
        let (compiled, numbered) = try compile(query, profile, literals)
        cache.withLock { cache in
            cache.clock += 1
            if cache.entries.count >= capacity {
                let oldest = cache.entries.values.map(\.used).sorted()[capacity / 2]
                cache.entries = cache.entries.filter { $0.value.used > oldest }
            }
            // The numbered tree: the cache keeps no values.
            cache.entries[Key(node: numbered, profile: profile)] = Entry(compiled: compiled, used: cache.clock)
        }
        return try compiled.statement(literals)
    }

    /// Renders a query without looking at the cache.
    private static func compile(
        _ query: QueryNode,
        _ profile: DialectProfile,
        _ literals: [Value]
    ) throws(DatabaseError) -> (CompiledQuery, QueryNode) {
        guard query.depth <= Renderer.maximumDepth else {
            throw DatabaseError(
                .programming,
                .invalidStatement,
                "The query is nested more than \(Renderer.maximumDepth) levels deep.",
                hint: "Combine long lists of conditions with SQLCondition.all(of:) or any(of:)."
            )
        }
        var next: Int64 = 0
        let numbered = query.numbered(from: &next)
        var renderer = Renderer(profile, literals: literals)
        try renderer.renderStatement(numbered)
        let compiled = CompiledQuery(
            template: renderer.statement.prepared(for: profile.dialect),
            plan: renderer.plan,
            matches: renderer.matches
        )
        return (compiled, numbered)
    }
}
