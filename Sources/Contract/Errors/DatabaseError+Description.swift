extension DatabaseError: CustomStringConvertible {
    /// One line: the message, the codes, what it concerns and what to try. Safe to log: without values, passwords or URLs.
    public var description: String {
        var text = message
        var facts: [String] = ["\(category).\(condition)"]
        if let sqlState { facts.append("SQLSTATE \(sqlState)") }
        if let nativeCode { facts.append("\(engine.map { "\($0) " } ?? "")code \(nativeCode)") }
        if let constraint { facts.append("constraint \(constraint)") }
        if let table { facts.append("table \(table)") }
        if let column { facts.append("column \(column)") }
        if let position { facts.append("at character \(position)") }
        text += " [\(facts.joined(separator: ", "))]"
        if let hint { text += " Hint: \(hint)" }
        return text
    }
}

extension DatabaseError: CustomDebugStringConvertible {
    /// The description, the statement's text without values, and the errors behind it.
    public var debugDescription: String {
        var text = description
        if let statement { text += "\nStatement: \(statement)" }
        if let underlying { text += "\nUnderlying: \(underlying)" }
        if let rollbackError { text += "\nRollback also failed: \(rollbackError)" }
        return text
    }
}

extension DatabaseError: Equatable {
    /// Errors are equal when a program would treat them alike: same category, condition, codes and message.
    public static func == (left: DatabaseError, right: DatabaseError) -> Bool {
        left.category == right.category && left.condition == right.condition && left.sqlState == right.sqlState
            && left.nativeCode == right.nativeCode && left.message == right.message
    }
}
