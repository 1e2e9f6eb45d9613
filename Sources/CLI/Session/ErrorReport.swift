import Roost
import RoostConfiguration
import RoostMigrations

/// Tells a person what failed, where in the statement, and what to try.
enum ErrorReport {
    static func text(for error: any Error) -> String {
        guard let error = error as? DatabaseError else {
            switch error {
            case let error as MigrationError: return text(for: error)
            case let failure as CommandFailure: return "roost: \(failure.message)"
            case is CancellationError: return "roost: cancelled"
            default: return "roost: \(error)"
            }
        }
        var lines = ["roost: \(error.message)"]
        if let statement = error.statement, let position = error.position {
            lines += caret(in: statement, at: position)
        }
        lines.append("  [\(facts(of: error))]")
        if let hint = error.hint { lines.append("  Hint: \(hint)") }
        return lines.joined(separator: "\n")
    }

    private static func text(for error: MigrationError) -> String {
        let place = error.file.map { file in error.line.map { "\(file):\($0): " } ?? "\(file): " } ?? ""
        var lines = ["roost: \(place)\(error.message)"]
        if let cause = error.cause {
            if let statement = cause.statement, let position = cause.position {
                lines += caret(in: statement, at: position)
            }
            lines.append("  [\(facts(of: cause))]")
        }
        if let hint = error.hint { lines.append("  Hint: \(hint)") }
        return lines.joined(separator: "\n")
    }

    private static func facts(of error: DatabaseError) -> String {
        var facts = [error.condition.rawValue]
        if let state = error.sqlState { facts.append("SQLSTATE \(state)") }
        if let code = error.nativeCode { facts.append("\(error.engine ?? "") code \(code)") }
        return facts.joined(separator: ", ")
    }

    /// The line of the statement that `position`, in characters from 1, is on, with a caret under it.
    static func caret(in statement: String, at position: Int) -> [String] {
        let before = statement.prefix(max(position - 1, 0))
        let start = before.lastIndex(where: \.isNewline).map { statement.index(after: $0) } ?? statement.startIndex
        let line = statement[start...].prefix { !$0.isNewline }
        let column = statement.distance(from: start, to: before.endIndex)
        let number = before.filter(\.isNewline).count + 1
        let label = "  line \(number): "
        // Only the neighbourhood of the mistake is shown of a very long line.
        let first = max(column - 60, 0)
        let shown = line.dropFirst(first).prefix(120)
        return [label + shown, String(repeating: " ", count: label.count + column - first) + "^"]
    }
}
