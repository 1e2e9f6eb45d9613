import RoostPipelineDefinition
import Yams

extension PipelineReader {
    private static let ruleKeys = [
        "rename", "cast", "drop", "constant", "mask", "secret", "with", "first", "last", "days", "by",
    ]
    private static let checkKeys = [
        "row_count", "not_null", "unique", "range", "freshness", "sql", "file", "name", "severity",
    ]

    /// What is made of a column, in the order it is done: cast, mask or constant, rename.
    func rules(_ column: String, _ node: Node, _ pipeline: PipelineDefinition) throws(ConfigurationError)
        -> [ColumnRule]
    {
        if let word = node.scalar?.string {
            guard word == "drop" else {
                throw nodes.error(
                    "A column is dropped by drop; other rules are written {rename: …}, {cast: …} and so on.",
                    node
                )
            }
            return [ColumnRule(column, .drop)]
        }
        var values: [String: Node] = [:]
        let what = "the column \(column)"
        for (key, value) in try nodes.entries(of: node, allowed: Self.ruleKeys, what: what) { values[key] = value }
        var rules: [ColumnRule] = []
        if let value = values["drop"] {
            guard values.count == 1, try flag(value, "drop") else {
                throw nodes.error("A column that is dropped has no other rule.", value)
            }
            return [ColumnRule(column, .drop)]
        }
        if let value = values["cast"] {
            let text = try nodes.text(value, "cast")
            guard PipelineType(text) != nil else {
                throw nodes.error("\(text) is no type. Types are \(PipelineType.spellings).", value)
            }
            rules.append(ColumnRule(column, .cast(text)))
        }
        if let value = values["mask"] {
            rules.append(ColumnRule(column, .mask(try mask(value, values, pipeline))))
        } else if let wrong = ["secret", "with", "first", "last", "days", "by"].first(where: { values[$0] != nil }) {
            throw nodes.error("\(wrong) goes with a mask.", values[wrong] ?? node)
        }
        if let value = values["constant"] {
            guard values["mask"] == nil else { throw nodes.error("A constant needs no mask.", value) }
            let isNull = value.tag == Tag(.null) || value.null != nil
            // A constant becomes what a cast says.
            rules.insert(ColumnRule(column, .constant(isNull ? nil : try nodes.text(value, "constant"))), at: 0)
        }
        if let value = values["rename"] { rules.append(ColumnRule(column, .rename(try nodes.text(value, "rename")))) }
        guard !rules.isEmpty else { throw nodes.error("\(what) has no rule.", node) }
        return rules
    }

    private func mask(
        _ node: Node,
        _ values: [String: Node],
        _ pipeline: PipelineDefinition
    ) throws(ConfigurationError) -> ColumnRule.Mask {
        let name = try nodes.text(node, "mask")
        let allowed: [String: Set<String>] = [
            "hash": [], "hmac": ["secret"], "redact": ["with"], "partial": ["first", "last"],
            "date-shift": ["days", "secret", "by"],
        ]
        guard let own = allowed[name] else {
            throw nodes.error("mask must be hash, hmac, redact, partial or date-shift; it is \(name).", node)
        }
        if let wrong = ["secret", "with", "first", "last", "days", "by"].first(where: {
            values[$0] != nil && !own.contains($0)
        }) {
            throw nodes.error("\(wrong) does not go with the mask \(name).", values[wrong] ?? node)
        }
        func secret() throws(ConfigurationError) -> String {
            guard let value = values["secret"] else { throw nodes.error("The mask \(name) needs a secret.", node) }
            let secret = try nodes.text(value, "secret")
            guard pipeline.secrets.contains(secret) else {
                throw nodes.error("There is no secret \(secret); write it under secrets.", value)
            }
            return secret
        }
        switch name {
        case "hash": return .hash
        case "hmac": return .hmac(secret: try secret())
        case "redact":
            guard let value = values["with"] else { return .redact(with: "***") }
            return .redact(with: try nodes.text(value, "with"))
        case "partial":
            var (first, last) = (0, 0)
            if let value = values["first"] { first = try number(value, "first") }
            if let value = values["last"] { last = try number(value, "last") }
            return .partial(first: first, last: last)
        default:
            guard let value = values["days"], try number(value, "days") > 0 else {
                throw nodes.error("The mask date-shift needs days, at least 1.", values["days"] ?? node)
            }
            var column: String?
            if let by = values["by"] { column = try nodes.text(by, "by") }
            return .dateShift(days: min(try number(value, "days"), 100_000), secret: try secret(), by: column)
        }
    }

    // MARK: Checks

    func checks(_ node: Node) throws(ConfigurationError) -> [PipelineCheck] {
        guard let sequence = node.sequence else { throw nodes.error("checks must be a list.", node) }
        var checks: [PipelineCheck] = []
        for element in sequence {
            let check = try check(element)
            guard !checks.contains(where: { $0.name == check.name }) else {
                throw nodes.error("There are two checks named \(check.name); give one another name.", element)
            }
            checks.append(check)
        }
        return checks
    }

    private func check(_ node: Node) throws(ConfigurationError) -> PipelineCheck {
        var kind: (name: String, kind: PipelineCheck.Kind)?
        var name: String?
        var isWarning = false
        for (key, value) in try nodes.entries(of: node, allowed: Self.checkKeys, what: "a check") {
            switch key {
            case "name": name = try nodes.text(value, key)
            case "severity":
                let text = try nodes.text(value, key)
                guard text == "error" || text == "warn" else {
                    throw nodes.error("severity must be error or warn; it is \(text).", value)
                }
                isWarning = text == "warn"
            default:
                guard kind == nil else { throw nodes.error("A check has one of its kinds; \(key) is a second.", value) }
                kind = try self.kind(key, value)
            }
        }
        guard let kind else {
            throw nodes.error("A check needs row_count, not_null, unique, range, freshness, sql or file.", node)
        }
        return PipelineCheck(name: name ?? kind.name, kind.kind, isWarning: isWarning)
    }

    private func kind(_ key: String, _ node: Node) throws(ConfigurationError) -> (String, PipelineCheck.Kind) {
        switch key {
        case "row_count":
            if node.scalar != nil { return (key, .rowCount(minimum: try number(node, key), maximum: nil)) }
            var (minimum, maximum): (Int?, Int?)
            for (part, value) in try nodes.entries(of: node, allowed: ["min", "max"], what: key) {
                if part == "min" { minimum = try number(value, part) } else { maximum = try number(value, part) }
            }
            return (key, .rowCount(minimum: minimum, maximum: maximum))
        case "not_null":
            let columns = try list(node, key)
            return ("\(key) \(columns.joined(separator: ", "))", .notNull(columns))
        case "unique":
            let columns = try list(node, key)
            return ("\(key) \(columns.joined(separator: ", "))", .unique(columns))
        case "range":
            var (column, minimum, maximum): (String?, String?, String?)
            for (part, value) in try nodes.entries(of: node, allowed: ["column", "min", "max"], what: key) {
                let text = try nodes.text(value, part)
                switch part {
                case "column": column = text
                case "min": minimum = text
                default: maximum = text
                }
            }
            guard let column, minimum != nil || maximum != nil else {
                throw nodes.error("range needs a column, and min or max.", node)
            }
            return ("\(key) \(column)", .range(column: column, minimum: minimum, maximum: maximum))
        case "freshness":
            var (column, seconds): (String?, Int?)
            for (part, value) in try nodes.entries(of: node, allowed: ["column", "within"], what: key) {
                let text = try nodes.text(value, part)
                if part == "column" { column = text } else { seconds = PipelineSpan.seconds(text) }
            }
            guard let column, let seconds else {
                throw nodes.error("freshness needs a column, and within: a span such as 15m, 24h or 7d.", node)
            }
            return ("\(key) \(column)", .freshness(column: column, seconds: seconds))
        case "sql": return ("sql", .sql(try nodes.text(node, key), file: nil))
        default:
            let (sql, file) = try contents(node, key)
            return (file, .sql(sql, file: file))
        }
    }
}
