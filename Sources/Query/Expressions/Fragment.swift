public import Roost

/// Text of SQL with expressions, values and whole queries in between, for what this library has no word for.
///
/// ```swift
/// let month = sql("date_trunc('month', \(o.placedAt))", as: LocalDateTime.self)
/// ```
///
/// Interpolated values are bound; nothing but the literal's own text and `\(unsafe:)` reaches the engine as SQL.
public struct SQLFragment: Sendable, ExpressibleByStringInterpolation {
    let node: QueryNode

    /// Text without values.
    public init(stringLiteral value: String) {
        node = QueryNode(.raw([.text(value)]))
    }

    /// From an interpolated literal.
    public init(stringInterpolation: StringInterpolation) {
        node = QueryNode(.raw(stringInterpolation.pieces), stringInterpolation.children)
    }

    /// A statement with its values.
    public init(_ statement: Statement) {
        var parts = StringInterpolation(literalCapacity: 0, interpolationCount: 0)
        parts.appendInterpolation(statement)
        node = QueryNode(.raw(parts.pieces), parts.children)
    }

    /// Collects the pieces of an interpolated literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        var pieces: [RawPiece] = []
        var children: [QueryNode] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(interpolationCount * 2 + 1)
        }

        public mutating func appendLiteral(_ literal: String) {
            if !literal.isEmpty { pieces.append(.text(literal)) }
        }

        private mutating func append(_ node: QueryNode) {
            pieces.append(.child)
            children.append(node)
        }

        /// An expression, a condition, an order.
        public mutating func appendInterpolation(_ term: some QueryTerm) { append(term.node) }
        /// A query, in parentheses.
        public mutating func appendInterpolation(_ query: some RenderableQuery) { append(query.node) }
        /// Binds a value.
        public mutating func appendInterpolation(_ value: some QueryValue) {
            append(QueryNode(literal: value.databaseValue))
        }
        /// Quotes a name.
        public mutating func appendInterpolation(identifier name: String) { pieces.append(.identifier(name)) }
        /// Puts text in as it is. Never give it anything that came from outside.
        public mutating func appendInterpolation(unsafe text: String) { pieces.append(.text(text)) }

        /// Embeds a statement with its values.
        public mutating func appendInterpolation(_ statement: Statement) {
            let bytes = Array(statement.text.utf8)
            var position = 0
            var values = statement.parameters.makeIterator()
            for mark in statement.marks {
                appendLiteral(String(decoding: bytes[position..<mark.offset], as: UTF8.self))
                let text = String(decoding: bytes[mark.offset..<(mark.offset + mark.length)], as: UTF8.self)
                switch mark.kind {
                case .parameter: append(QueryNode(literal: values.next() ?? .null))
                case .identifier:
                    pieces.append(.identifier(String(text.dropFirst().dropLast()).replacing("\"\"", with: "\"")))
                case .emptyList: pieces.append(.text(text))
                }
                position = mark.offset + mark.length
            }
            appendLiteral(String(decoding: bytes[position...], as: UTF8.self))
        }
    }
}

/// An expression in the engine's own words.
public func sql<T: QueryValue>(_ fragment: SQLFragment, as type: T.Type = T.self) -> SQLExpression<T> {
    SQLExpression(node: fragment.node)
}

/// A condition in the engine's own words.
public func condition(_ fragment: SQLFragment) -> SQLCondition {
    SQLCondition(node: fragment.node)
}

/// A call of the engine's or the database's own function by name.
public func call<T: QueryValue>(
    _ function: String...,
    arguments: [any QueryTerm] = [],
    as type: T.Type = T.self
) -> SQLExpression<T> {
    SQLExpression(.namedFunction(function), arguments.map(\.node))
}
