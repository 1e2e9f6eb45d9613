import RoostPipelineDefinition
import Yams

extension PipelineReader {
    private static let stepKeys = [
        "source", "lookups", "transform", "columns", "target", "checks", "depends_on",
    ]
    private static let sourceKeys = [
        "connection", "table", "query", "query_file", "file", "columns", "where", "format", "encoding", "delimiter",
        "header", "types",
    ]
    private static let targetKeys = [
        "connection", "table", "file", "mode", "key", "cursor", "lookback", "types", "format", "encoding", "delimiter",
    ]

    func step(_ name: String, _ node: Node, _ pipeline: PipelineDefinition) throws(ConfigurationError) -> StepDefinition
    {
        var source: PipelineSource?
        var target: PipelineTarget?
        let entries = try nodes.entries(of: node, allowed: Self.stepKeys, what: "the step \(name)")
        for (key, value) in entries {
            if key == "source" { source = try self.source(value, "source") }
            if key == "target" { target = try self.target(value) }
        }
        guard let source else { throw nodes.error("The step \(name) has no source.", node) }
        guard let target else { throw nodes.error("The step \(name) has no target.", node) }
        var step = StepDefinition(name: name, source: source, target: target)
        step.line = node.mark?.line
        for (key, value) in entries {
            switch key {
            case "lookups":
                for (name, lookup) in try nodes.entries(of: value, allowed: nil, what: "lookups") {
                    guard name != "input" else { throw nodes.error("input is the name of the source's rows.", lookup) }
                    step.lookups[name] = try self.source(lookup, "the lookup \(name)")
                }
            case "transform": step.transform = try transform(value)
            case "columns":
                for (column, rule) in try nodes.entries(of: value, allowed: nil, what: "columns") {
                    step.rules += try rules(column, rule, pipeline)
                }
            case "checks": step.checks = try checks(value)
            case "depends_on": step.dependencies = try list(value, key)
            default: break
            }
        }
        try checkModes(step, node)
        return step
    }

    /// What goes with what.
    private func checkModes(_ step: StepDefinition, _ node: Node) throws(ConfigurationError) {
        let mode = step.target.mode
        func refuse(_ isWrong: Bool, _ message: String) throws(ConfigurationError) {
            if isWrong { throw nodes.error("The step \(step.name): \(message)", node) }
        }
        try refuse(!step.lookups.isEmpty && step.transform == nil, "lookups go with a transform.")
        try refuse(
            mode == .incremental && step.target.cursor == nil,
            "incremental needs a cursor: a column of the source."
        )
        try refuse(step.target.cursor != nil && mode != .incremental, "a cursor goes with the mode incremental.")
        try refuse(step.target.lookback != nil && mode != .incremental, "lookback goes with the mode incremental.")
        try refuse(
            step.target.lookback != nil && step.target.key.isEmpty,
            "lookback needs a key, or rows that are read again would be there twice."
        )
        if mode == .incremental, case .files = step.source.kind {
            throw nodes.error("The step \(step.name): files have no cursor; use upsert.", node)
        }
        let needsKey = mode == .deleteInsert || mode == .scd2
        try refuse(needsKey && step.target.key.isEmpty, "\(mode.rawValue) needs a key.")
        if case .file = step.target.kind {
            try refuse(mode != .replace, "a file is replaced as a whole.")
            try refuse(!step.target.key.isEmpty, "a file has no key.")
        }
    }

    // MARK: Sources and targets

    private func source(_ node: Node, _ what: String) throws(ConfigurationError) -> PipelineSource {
        var values: [String: Node] = [:]
        for (key, value) in try nodes.entries(of: node, allowed: Self.sourceKeys, what: what) { values[key] = value }
        func text(_ key: String) throws(ConfigurationError) -> String? {
            guard let node = values[key] else { return nil }
            return try nodes.text(node, key)
        }
        let places = ["table", "query", "query_file", "file"].filter { values[$0] != nil }
        guard places.count == 1, let place = places.first, let value = values[place] else {
            throw nodes.error("\(what) needs exactly one of table, query, query_file and file.", node)
        }
        var source: PipelineSource
        if place == "file" {
            if let wrong = ["connection", "columns", "where"].first(where: { values[$0] != nil }) {
                throw nodes.error("\(wrong) does not go with a file.", values[wrong] ?? node)
            }
            source = PipelineSource(.files(path(try nodes.text(value, place))))
        } else {
            guard let connection = try text("connection") else {
                throw nodes.error("\(what) needs a connection.", node)
            }
            if let wrong = ["format", "encoding", "delimiter", "header", "types"].first(where: { values[$0] != nil }) {
                throw nodes.error("\(wrong) goes with a file.", values[wrong] ?? node)
            }
            switch place {
            case "table": source = PipelineSource(.table(connection: connection, name: try nodes.text(value, place)))
            case "query":
                source = PipelineSource(.query(connection: connection, sql: try nodes.text(value, place), file: nil))
            default:
                let (sql, file) = try contents(value, place)
                source = PipelineSource(.query(connection: connection, sql: sql, file: file))
            }
            if place != "table", let wrong = ["columns", "where"].first(where: { values[$0] != nil }) {
                throw nodes.error("\(wrong) goes with a table; write it into the query.", values[wrong] ?? node)
            }
        }
        if let columns = values["columns"] { source.columns = try list(columns, "columns") }
        source.condition = try text("where")
        source.form = try fileOptions(values)
        if let header = values["header"] { source.form.header = try list(header, "header") }
        if let types = values["types"] {
            for (column, type) in try nodes.entries(of: types, allowed: nil, what: "types") {
                source.types[column] = try self.type(type, column)
            }
        }
        return source
    }

    private func fileOptions(_ values: [String: Node]) throws(ConfigurationError) -> FileOptions {
        var form = FileOptions()
        if let node = values["format"] {
            let text = try nodes.text(node, "format")
            guard ["csv", "tsv", "ndjson"].contains(text) else {
                throw nodes.error("format must be csv, tsv or ndjson; it is \(text).", node)
            }
            form.format = text
        }
        if let node = values["encoding"] {
            let text = try nodes.text(node, "encoding")
            guard ["utf-8", "latin-1", "utf-16le", "utf-16be"].contains(text) else {
                throw nodes.error("encoding must be utf-8, latin-1, utf-16le or utf-16be; it is \(text).", node)
            }
            form.encoding = text
        }
        if let node = values["delimiter"] {
            let text = try nodes.text(node, "delimiter")
            guard text.utf8.count == 1, !"\"\r\n".contains(text) else {
                throw nodes.error("delimiter must be one byte, and neither a quote nor the end of a line.", node)
            }
            form.delimiter = text
        }
        return form
    }

    /// A type, as it is written.
    private func type(_ node: Node, _ column: String) throws(ConfigurationError) -> String {
        let text = try nodes.text(node, column)
        guard PipelineType(text) != nil else {
            throw nodes.error("\(text) is no type. Types are \(PipelineType.spellings).", node)
        }
        return text
    }

    private func target(_ node: Node) throws(ConfigurationError) -> PipelineTarget {
        var values: [String: Node] = [:]
        for (key, value) in try nodes.entries(of: node, allowed: Self.targetKeys, what: "target") {
            values[key] = value
        }
        var target: PipelineTarget
        switch (values["table"], values["file"]) {
        case (let table?, nil):
            guard let connection = values["connection"] else { throw nodes.error("target needs a connection.", node) }
            target = PipelineTarget(
                .table(connection: try nodes.text(connection, "connection"), name: try nodes.text(table, "table"))
            )
        case (nil, let file?):
            if let connection = values["connection"] {
                throw nodes.error("connection does not go with a file.", connection)
            }
            target = PipelineTarget(.file(path(try nodes.text(file, "file"))))
        default: throw nodes.error("target needs exactly one of table and file.", node)
        }
        if let mode = values["mode"] { target.mode = try word(mode, "mode", PipelineTarget.Mode.self) }
        if let key = values["key"] { target.key = try list(key, "key") }
        if let cursor = values["cursor"] { target.cursor = try nodes.text(cursor, "cursor") }
        if let lookback = values["lookback"] {
            let text = try nodes.text(lookback, "lookback")
            guard PipelineSpan.seconds(text) != nil || Int64(text).map({ $0 >= 0 }) == true else {
                throw nodes.error("lookback must be a whole number, or a span such as 90s, 15m, 24h or 7d.", lookback)
            }
            target.lookback = text
        }
        if let types = values["types"] {
            for (column, type) in try nodes.entries(of: types, allowed: nil, what: "types") {
                target.types[column] = try nodes.text(type, column)
            }
        }
        target.form = try fileOptions(values)
        return target
    }

    private func transform(_ node: Node) throws(ConfigurationError) -> StepDefinition.Transform {
        var sql: String?
        var file: String?
        var scope: StepDefinition.Transform.Scope?
        for (key, value) in try nodes.entries(of: node, allowed: ["sql", "file", "over"], what: "transform") {
            switch key {
            case "over": scope = try word(value, key, StepDefinition.Transform.Scope.self)
            default:
                guard sql == nil else { throw nodes.error("transform needs one of sql and file, not both.", value) }
                if key == "sql" { sql = try nodes.text(value, key) } else { (sql, file) = try contents(value, key) }
            }
        }
        guard let sql else { throw nodes.error("transform needs sql or file.", node) }
        guard let scope else {
            throw nodes.error(
                "transform needs over: batch where the query treats each row by itself, all where it has groups, an order or windows.",
                node
            )
        }
        return StepDefinition.Transform(sql: sql, file: file, scope: scope)
    }
}
