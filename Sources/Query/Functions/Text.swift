import Roost

private func call(_ name: FunctionName, _ children: [QueryNode]) -> QueryNode { QueryNode(.function(name), children) }
private func number(_ value: Int) -> QueryNode { QueryNode(literal: .int(Int64(value))) }

extension SQLExpression where T.Base == String {
    /// In lower case; SQLite knows only ASCII's letters.
    public func lowercased() -> SQLExpression { SQLExpression(node: call(.lower, [node])) }
    /// In upper case; SQLite knows only ASCII's letters.
    public func uppercased() -> SQLExpression { SQLExpression(node: call(.upper, [node])) }
    /// How many characters.
    public var length: SQLExpression<Int?> { SQLExpression<Int?>(node: call(.length, [node])) }
    /// Without blanks at both ends.
    public func trimmed() -> SQLExpression { SQLExpression(node: call(.trim, [node])) }
    /// Without blanks at the beginning.
    public func trimmedStart() -> SQLExpression { SQLExpression(node: call(.ltrim, [node])) }
    /// Without blanks at the end.
    public func trimmedEnd() -> SQLExpression { SQLExpression(node: call(.rtrim, [node])) }

    /// Every occurrence of one text replaced by another.
    public func replacing(_ text: String, with other: String) -> SQLExpression {
        SQLExpression(node: call(.replace, [node, QueryNode(literal: .text(text)), QueryNode(literal: .text(other))]))
    }

    /// The characters from this one, counted from 1, to the end or for a number of characters.
    public func substring(from start: Int, length: Int? = nil) -> SQLExpression {
        SQLExpression(node: call(.substring, [node, number(start)] + (length.map { [number($0)] } ?? [])))
    }

    /// Where a text begins in this one, counted from 1; 0 if it does not occur.
    public func position(of text: String) -> SQLExpression<Int?> {
        SQLExpression<Int?>(node: call(.position, [node, QueryNode(literal: .text(text))]))
    }

    /// The first characters.
    public func prefix(_ count: Int) -> SQLExpression { SQLExpression(node: call(.left, [node, number(count)])) }
    /// The last characters.
    public func suffix(_ count: Int) -> SQLExpression { SQLExpression(node: call(.right, [node, number(count)])) }

    /// Filled from the left to a length, or cut to it.
    public func paddedStart(to length: Int, with fill: String = " ") -> SQLExpression {
        SQLExpression(node: call(.lpad, [node, number(length), QueryNode(literal: .text(fill))]))
    }

    /// Filled on the right to a length, or cut to it.
    public func paddedEnd(to length: Int, with fill: String = " ") -> SQLExpression {
        SQLExpression(node: call(.rpad, [node, number(length), QueryNode(literal: .text(fill))]))
    }

    /// Written so many times.
    public func repeated(_ count: Int) -> SQLExpression { SQLExpression(node: call(.repeat, [node, number(count)])) }
    /// From the end to the beginning. Not for SQLite and DB2.
    public func reversed() -> SQLExpression { SQLExpression(node: call(.reverse, [node])) }

    /// Followed by another text; `NULL` if one of them is.
    public func appending(_ other: SQLExpression) -> SQLExpression {
        SQLExpression(.binary(.concatenate), [node, other.node])
    }

    /// Followed by another text.
    public func appending(_ other: String) -> SQLExpression {
        SQLExpression(.binary(.concatenate), [node, QueryNode(literal: .text(other))])
    }

    /// Whether the text matches a pattern of `%` and `_`; a backslash takes their meaning. SQLite ignores the case of ASCII's letters.
    public func like(_ pattern: String) -> SQLCondition { like(pattern, negated: false, ignoringCase: false) }
    /// Whether the text does not match a pattern.
    public func notLike(_ pattern: String) -> SQLCondition { like(pattern, negated: true, ignoringCase: false) }
    /// Whether the text matches a pattern, whatever the case of letters.
    public func ilike(_ pattern: String) -> SQLCondition { like(pattern, negated: false, ignoringCase: true) }

    private func like(_ pattern: String, negated: Bool, ignoringCase: Bool) -> SQLCondition {
        SQLCondition(.like(negated: negated, ignoringCase: ignoringCase), [node, QueryNode(literal: .text(pattern))])
    }

    /// Whether the text holds another one, letter for letter; nothing in it is a wildcard.
    public func contains(_ text: String) -> SQLCondition {
        SQLCondition(.contains(.anywhere), [node, QueryNode(literal: .text(text))])
    }

    /// Whether the text begins with another one, letter for letter.
    public func hasPrefix(_ text: String) -> SQLCondition {
        SQLCondition(.contains(.prefix), [node, QueryNode(literal: .text(text))])
    }

    /// Whether the text ends with another one, letter for letter.
    public func hasSuffix(_ text: String) -> SQLCondition {
        SQLCondition(.contains(.suffix), [node, QueryNode(literal: .text(text))])
    }

    /// Whether a full-text search finds the words. PostgreSQL: the text in the language `simple`; MySQL and MariaDB: a column with a
    /// full-text index; SQLite: a column of an FTS5 table; Oracle and SQL Server: a column with a text index.
    public func matches(_ words: String) -> SQLCondition {
        SQLCondition(.textSearch, [node, QueryNode(literal: .text(words))])
    }
}
