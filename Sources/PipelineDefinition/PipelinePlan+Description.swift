extension PipelinePlan {
    /// The plan for people: a step a paragraph.
    public var lines: [String] {
        var lines = ["pipeline \(pipeline.name)" + (pipeline.schedule.map { ", \($0.text)" } ?? "")]
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) { lines.append("  \(name) = \(value)") }
        for (index, step) in steps.enumerated() {
            lines.append(
                "\(index + 1). \(step.name): \(step.source.displayName) → \(step.target.displayName) (\(step.target.mode.rawValue))"
            )
            lines += step.details.map { "     " + $0 }
        }
        return lines
    }
}

extension StepDefinition {
    fileprivate var details: [String] {
        var lines: [String] = []
        if let columns = source.columns { lines.append("columns \(columns.joined(separator: ", "))") }
        if let condition = source.condition { lines.append("where \(condition)") }
        if let cursor = target.cursor {
            lines.append("beyond the last \(cursor)" + (target.lookback.map { ", less \($0)" } ?? ""))
        }
        for (name, lookup) in lookups.sorted(by: { $0.key < $1.key }) {
            lines.append("\(name): all of \(lookup.displayName)")
        }
        if let transform {
            let place = transform.file ?? "SQL"
            lines.append("transform by \(place), \(transform.scope == .batch ? "batch by batch" : "over all rows")")
        }
        lines += rules.map { "\($0.column): \($0.action.words)" }
        if !target.key.isEmpty { lines.append("key \(target.key.joined(separator: ", "))") }
        lines += checks.map { "check \($0.name)" + ($0.isWarning ? " (warns)" : "") }
        return lines
    }
}

extension ColumnRule.Action {
    fileprivate var words: String {
        switch self {
        case .rename(let name): "renamed to \(name)"
        case .cast(let type): "cast to \(type)"
        case .drop: "dropped"
        case .constant(let value): value.map { "always \($0)" } ?? "always NULL"
        case .mask(.hash): "hashed"
        case .mask(.hmac(let secret)): "hashed with the secret \(secret)"
        case .mask(.redact): "redacted"
        case .mask(.partial(let first, let last)):
            "masked but for \(first) characters at the start and \(last) at the end"
        case .mask(.dateShift(let days, let secret, let column)):
            "moved by up to \(days) days, by the secret \(secret)" + (column.map { " and \($0)" } ?? "")
        }
    }
}
