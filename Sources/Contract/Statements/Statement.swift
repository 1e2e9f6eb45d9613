/// A statement and the values bound to it.
///
/// Written as an interpolated literal, every value becomes a parameter; there is no way for data to become SQL by accident:
///
/// ```swift
/// let statement: Statement = "select name from customer where id = \(id) and city in (\(list: cities))"
/// ```
///
/// - `\(value)` binds anything ``DatabaseEncodable``; an optional that is nil binds `NULL`.
/// - `\(list: values)` binds each of them; an empty list becomes a subquery without rows, so that `in` and `not in` keep their
///   meaning.
/// - `\(identifier: name)` quotes a table or column name, `\(identifier: ["schema", "table"])` a qualified one.
/// - `\(statement)` embeds another statement with its values.
/// - `\(unsafe: text)` is the one way to put text in as it is. Never give it anything that came from outside.
///
/// Text that is only known at run time goes through ``init(_:_:style:dialect:)``, with the placeholders of PEP 249.
public struct Statement: Sendable, Hashable {
    /// A place in ``text`` that is not plain text.
    public struct Mark: Sendable, Hashable {
        /// What stands there.
        public enum Kind: UInt8, Sendable, Hashable {
            /// `?`, for one parameter.
            case parameter
            /// An identifier in double quotes.
            case identifier
            /// The subquery an empty list became.
            case emptyList
        }

        /// Where it begins, in bytes of UTF-8.
        public var offset: Int
        /// How many bytes it has.
        public var length: Int
        /// What it is.
        public var kind: Kind
    }

    /// The text in canonical form: `?` for each parameter, identifiers in double quotes.
    public internal(set) var text: String
    /// The places in the text that are not plain text, in order.
    public internal(set) var marks: [Mark]
    /// The values, one for each `?`; none for a template.
    public internal(set) var parameters: [Value]
    /// The names of a template's parameters, in order, when it was written with names.
    public internal(set) var parameterNames: [String]?
    /// The text as one dialect wants it, for statements that run again and again.
    private var prepared = Prepared()

    init(text: String, marks: [Mark] = [], parameters: [Value] = [], parameterNames: [String]? = nil) {
        self.text = text
        self.marks = marks
        self.parameters = parameters
        self.parameterNames = parameterNames
    }

    /// How many parameters the text has.
    public var parameterCount: Int {
        marks.isEmpty ? 0 : marks.reduce(0) { $1.kind == .parameter ? $0 + 1 : $0 }
    }

    /// This template with values for its parameters.
    ///
    /// - Throws: `programming.parameterMismatch` when there are too few or too many.
    public func binding(_ values: [Value]) throws(DatabaseError) -> Statement {
        let expected = parameterCount
        // A literal template has bare `?` without marks; the driver counts those.
        guard values.count == expected || marks.isEmpty else {
            throw DatabaseError.parameterCount(expected: expected, given: values.count).inStatement(text)
        }
        var bound = self
        bound.parameters = values
        return bound
    }

    /// The same statement, rendered for a dialect once and for all its copies.
    public func prepared(for dialect: Dialect) -> Statement {
        var copy = self
        copy.prepared = Prepared(form: (dialect, rendered(for: dialect)))
        return copy
    }

    /// Appends another statement with its values.
    public mutating func append(_ other: Statement) {
        prepared = Prepared()
        let shift = text.utf8.count
        text += other.text
        for mark in other.marks {
            marks.append(Mark(offset: mark.offset + shift, length: mark.length, kind: mark.kind))
        }
        parameters += other.parameters
    }

    /// Appends plain text.
    public mutating func append(unsafe text: String) {
        prepared = Prepared()
        self.text += text
    }

    /// Appends a parameter.
    public mutating func append(parameter value: Value) {
        prepared = Prepared()
        marks.append(Mark(offset: text.utf8.count, length: 1, kind: .parameter))
        text += "?"
        parameters.append(value)
    }

    /// Appends a quoted identifier of one or more parts.
    public mutating func append(identifier parts: [String]) {
        prepared = Prepared()
        for (index, part) in parts.enumerated() {
            if index > 0 { text += "." }
            let quoted = Self.quoted(part, open: "\"", close: "\"")
            marks.append(Mark(offset: text.utf8.count, length: quoted.utf8.count, kind: .identifier))
            text += quoted
        }
    }

    /// What stands for an empty list in the canonical text.
    private static let emptyList = "select null where 1 = 0"

    /// Appends parameters separated by commas, or a subquery without rows.
    public mutating func append(list values: [Value]) {
        guard !values.isEmpty else {
            prepared = Prepared()
            let empty = Self.emptyList
            marks.append(Mark(offset: text.utf8.count, length: empty.utf8.count, kind: .emptyList))
            text += empty
            return
        }
        for (index, value) in values.enumerated() {
            if index > 0 { text += ", " }
            append(parameter: value)
        }
    }

    /// The name in double quotes that ``quoted(_:open:close:)`` made.
    private static func unquoted(_ bytes: ArraySlice<UInt8>) -> String {
        var name: [UInt8] = []
        var isSecondQuote = false
        for byte in bytes.dropFirst().dropLast() {
            isSecondQuote = byte == 0x22 && !isSecondQuote && name.last == 0x22
            if !isSecondQuote { name.append(byte) }
        }
        return String(decoding: name, as: UTF8.self)
    }

    static func quoted(_ name: String, open: Character, close: Character) -> String {
        var text = String(open)
        // No engine allows NUL in a name, and C interfaces would end the text there.
        for character in name.unicodeScalars where character != "\0" {
            text.unicodeScalars.append(character)
            if Character(character) == close { text.append(close) }
        }
        text.append(close)
        return text
    }
}

/// A statement's text as a dialect wants it. It follows from the statement, so it takes no part in comparing two.
private struct Prepared: Sendable, Hashable {
    var form: (dialect: Dialect, text: String)?

    static func == (left: Prepared, right: Prepared) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
}

extension Statement: CustomStringConvertible {
    /// The text. Never the values.
    public var description: String { text }
}

extension Statement: CustomDebugStringConvertible, CustomReflectable {
    /// The text and how many values are bound. Never the values.
    public var debugDescription: String { "\(text) -- \(parameters.count) parameters" }
    /// The text alone, so that dumping a statement shows no values.
    public var customMirror: Mirror { Mirror(self, children: ["text": text, "parameterCount": parameters.count]) }
}

extension Statement: ExpressibleByStringInterpolation {
    /// A statement without parameters, or a template with `?` placeholders for `executeMany` and `prepare`.
    public init(stringLiteral value: String) {
        self.init(text: value)
    }

    /// A statement from an interpolated literal.
    public init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.statement
    }

    /// Collects the pieces of an interpolated literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        var statement: Statement

        public init(literalCapacity: Int, interpolationCount: Int) {
            var text = ""
            text.reserveCapacity(literalCapacity + interpolationCount * 2)
            statement = Statement(text: text)
            statement.marks.reserveCapacity(interpolationCount)
            statement.parameters.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) {
            statement.text += literal
        }

        /// Binds a value.
        public mutating func appendInterpolation(_ value: some DatabaseEncodable) {
            statement.append(parameter: value.databaseValue)
        }

        /// Binds a value, or `NULL` for nil.
        public mutating func appendInterpolation<T: DatabaseEncodable>(_ value: T?) {
            statement.append(parameter: value?.databaseValue ?? .null)
        }

        /// Binds each value, separated by commas.
        public mutating func appendInterpolation(list values: some Sequence<some DatabaseEncodable>) {
            statement.append(list: values.map(\.databaseValue))
        }

        /// Quotes a name.
        public mutating func appendInterpolation(identifier name: String) {
            statement.append(identifier: [name])
        }

        /// Quotes the parts of a qualified name.
        public mutating func appendInterpolation(identifier parts: [String]) {
            statement.append(identifier: parts)
        }

        /// Puts text in as it is. Never give it anything that came from outside.
        public mutating func appendInterpolation(unsafe text: String) {
            statement.text += text
        }

        /// Embeds another statement with its values.
        public mutating func appendInterpolation(_ other: Statement) {
            statement.append(other)
        }
    }
}

extension Statement {
    /// Turns the `in (` or `not in (` that ends the text into `= any(` or `<> all(`, and appends what follows it.
    private static func appendQuantified(_ text: String, to bytes: inout [UInt8]) {
        var rest = bytes[...]
        func dropBlanks() { while let last = rest.last, last <= 0x20 { rest.removeLast() } }
        func drop(_ word: String) -> Bool {
            let tail = rest.suffix(word.utf8.count)
            guard tail.elementsEqual(word.utf8, by: { $0 | 0x20 == $1 }) else { return false }
            // The end of a longer word is not the word.
            let before = rest.dropLast(word.utf8.count).last ?? 0x20
            guard before <= 0x20 || before == UInt8(ascii: ")") || before == 0x22 else { return false }
            rest.removeLast(word.utf8.count)
            return true
        }
        dropBlanks()
        if rest.last == UInt8(ascii: "(") {
            rest.removeLast()
            dropBlanks()
            if drop("in") {
                let kept = rest
                dropBlanks()
                if drop("not") {
                    bytes = Array(rest) + Array("<> all(".utf8)
                } else {
                    bytes = Array(kept) + Array("= any(".utf8)
                }
            }
        }
        bytes.append(contentsOf: text.utf8)
    }

    /// The text as an engine of this dialect wants it. Free of charge where that is the canonical form.
    public func rendered(for dialect: Dialect) -> String {
        if let form = prepared.form, form.dialect == dialect { return form.text }
        let hasOtherQuotes = dialect.identifierOpen != "\"" || dialect.identifierClose != "\""
        let hasOtherList = dialect.emptyList != .subquery(Self.emptyList)
        if dialect.placeholder == .question {
            let needsWork = marks.contains {
                ($0.kind == .identifier && hasOtherQuotes) || ($0.kind == .emptyList && hasOtherList)
            }
            if !needsWork { return text }
        }
        let utf8 = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(utf8.count + marks.count * 2)
        var position = 0
        var number = 0
        for mark in marks {
            result.append(contentsOf: utf8[position..<mark.offset])
            position = mark.offset + mark.length
            switch mark.kind {
            case .parameter:
                number += 1
                switch dialect.placeholder {
                case .question: result.append(UInt8(ascii: "?"))
                case .numbered(let prefix): result.append(contentsOf: "\(prefix)\(number)".utf8)
                }
            case .identifier:
                let name = Self.unquoted(utf8[mark.offset..<position])
                let rendered = Self.quoted(name, open: dialect.identifierOpen, close: dialect.identifierClose)
                result.append(contentsOf: rendered.utf8)
            case .emptyList:
                switch dialect.emptyList {
                case .subquery(let text): result.append(contentsOf: text.utf8)
                case .quantified(let text): Self.appendQuantified(text, to: &result)
                }
            }
        }
        result.append(contentsOf: utf8[position...])
        return String(decoding: result, as: UTF8.self)
    }
}

extension DatabaseError {
    /// More or fewer values than placeholders.
    package static func parameterCount(expected: Int, given: Int) -> DatabaseError {
        DatabaseError(
            .programming,
            .parameterMismatch,
            "The statement has \(expected) parameter\(expected == 1 ? "" : "s"), but \(given) value\(given == 1 ? " was" : "s were") given.",
            hint: "Give one value per placeholder.",
            sqlState: "07001"
        )
    }
}

extension Statement {
    /// A statement from text as it is, without parameters. Never give it text that holds data from outside.
    public init(unsafe text: String) {
        self.init(text: text)
    }
}
