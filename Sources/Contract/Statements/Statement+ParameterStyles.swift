extension Statement {
    /// A statement from text with positional placeholders: `?`, `:1`, `%s` or `$1`.
    ///
    /// Without a style the text decides: the only style whose placeholders it holds. `:name`, `@name` and `%(name)s` need
    /// ``init(_:named:style:dialect:)``.
    ///
    /// - Throws: `programming.parameterMismatch` for too few or too many values, or for styles that are mixed.
    public init(
        _ text: String,
        _ values: [Value],
        style: ParameterStyle? = nil,
        dialect: Dialect = .standard
    ) throws(DatabaseError) {
        let template = try Statement(template: text, style: style, dialect: dialect)
        if let names = template.parameterNames {
            guard names.isEmpty else { throw Self.needsNames(names).inStatement(text) }
        }
        let references = try Self.references(of: text, style: style, dialect: dialect)
        let highest = references.reduce(into: (next: 0, number: 0)) { counts, reference in
            switch reference {
            case .next: counts.next += 1
            case .number(let number): counts.number = max(counts.number, number)
            case .name: break
            }
        }
        let expected = max(highest.next, highest.number)
        guard values.count == expected else {
            throw DatabaseError.parameterCount(expected: expected, given: values.count).inStatement(text)
        }
        self = template
        var position = 0
        parameters = references.map { reference in
            switch reference {
            case .number(let number): return values[number - 1]
            case .next, .name:
                position += 1
                return values[position - 1]
            }
        }
    }

    /// A statement from text with named placeholders: `:name`, `%(name)s` or `@name`.
    ///
    /// - Throws: `programming.parameterMismatch` naming the parameters that have no value, or the values no parameter uses.
    public init(
        _ text: String,
        named values: [String: Value],
        style: ParameterStyle? = nil,
        dialect: Dialect = .standard
    ) throws(DatabaseError) {
        self = try Statement(template: text, style: style, dialect: dialect)
        let names = parameterNames ?? []
        if parameterNames == nil, parameterCount > 0 {
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "The statement has positional placeholders, but values by name were given.",
                hint: "Write :name instead of ?."
            ).inStatement(text)
        }
        let missing = Set(names).subtracting(values.keys).sorted()
        guard missing.isEmpty else {
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "No value was given for the parameter\(missing.count == 1 ? "" : "s") \(missing.joined(separator: ", ")).",
                hint: "Give a value for each name the statement uses.",
                sqlState: "07001"
            ).inStatement(text)
        }
        let unused = Set(values.keys).subtracting(names).sorted()
        guard unused.isEmpty else {
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "The statement has no parameter named \(unused.joined(separator: ", ")).",
                hint: names.isEmpty
                    ? "It has no parameters at all."
                    : "Its parameters are \(Set(names).sorted().joined(separator: ", ")).",
                sqlState: "07001"
            ).inStatement(text)
        }
        parameters = names.compactMap { values[$0] }
    }

    /// A template from text with placeholders of any style, for `prepare` and `executeMany`.
    ///
    /// - Throws: `programming.parameterMismatch` when styles are mixed and none was asked for.
    public init(
        template text: String,
        style: ParameterStyle? = nil,
        dialect: Dialect = .standard
    ) throws(DatabaseError) {
        var copy = text
        let result = copy.withUTF8 { bytes -> Result<Statement, DatabaseError> in
            Result { () throws(DatabaseError) in try Self.rewrite(bytes, style: style, lexicon: dialect.lexicon) }
        }
        self = try result.get()
    }

    private static func references(
        of text: String,
        style: ParameterStyle?,
        dialect: Dialect
    ) throws(DatabaseError) -> [Placeholder.Reference] {
        var copy = text
        let findings = copy.withUTF8 { PlaceholderScanner.scan($0, lexicon: dialect.lexicon) }
        let chosen = try Self.style(asked: style, in: findings)
        return findings.placeholders.filter { $0.style == chosen }.map(\.reference)
    }

    private static func rewrite(
        _ bytes: UnsafeBufferPointer<UInt8>,
        style: ParameterStyle?,
        lexicon: Dialect.Lexicon
    ) throws(DatabaseError) -> Statement {
        let findings = PlaceholderScanner.scan(bytes, lexicon: lexicon)
        let chosen = try Self.style(asked: style, in: findings)
        var edits = findings.placeholders.filter { $0.style == chosen }.map { ($0.range, UInt8(ascii: "?"), true) }
        // Escapes exist only in the style that needs them; elsewhere the doubled characters are operators.
        if chosen == .qmark { edits += findings.doubledQuestions.map { ($0, UInt8(ascii: "?"), false) } }
        if chosen == .format || chosen == .pyformat {
            edits += findings.doubledPercents.map { ($0, UInt8(ascii: "%"), false) }
        }
        edits.sort { $0.0.lowerBound < $1.0.lowerBound }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var marks: [Mark] = []
        var position = 0
        for (range, replacement, isParameter) in edits {
            text.append(contentsOf: bytes[position..<range.lowerBound])
            if isParameter { marks.append(Mark(offset: text.count, length: 1, kind: .parameter)) }
            text.append(replacement)
            position = range.upperBound
        }
        text.append(contentsOf: bytes[position...])
        let names = findings.placeholders.compactMap { placeholder -> String? in
            if case .name(let name) = placeholder.reference, placeholder.style == chosen { name } else { nil }
        }
        return Statement(
            text: String(decoding: text, as: UTF8.self),
            marks: marks,
            parameterNames: names.isEmpty ? nil : names
        )
    }

    private static func style(
        asked: ParameterStyle?,
        in findings: PlaceholderScanner.Findings
    ) throws(DatabaseError) -> ParameterStyle? {
        if let asked { return asked }
        let styles = Set(findings.placeholders.map(\.style))
        if styles.isEmpty, !findings.doubledQuestions.isEmpty { return .qmark }
        guard styles.count <= 1 else {
            let seen = styles.map(\.rawValue).sorted().joined(separator: " and ")
            throw DatabaseError(
                .programming,
                .parameterMismatch,
                "The statement mixes placeholders of the styles \(seen).",
                hint: "Use one style, or say which one is meant; the others are left alone then."
            )
        }
        return styles.first
    }

    private static func needsNames(_ names: [String]) -> DatabaseError {
        DatabaseError(
            .programming,
            .parameterMismatch,
            "The statement has named parameters (\(Set(names).sorted().joined(separator: ", "))), but values by position were given.",
            hint: "Give the values by name."
        )
    }
}
