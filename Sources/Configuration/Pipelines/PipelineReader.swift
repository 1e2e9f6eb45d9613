import RoostPipelineDefinition
import Yams

/// Reads pipelines from YAML. What it does not know is an error with its line.
struct PipelineReader {
    let nodes: NodeReader
    /// The folder that paths are relative to.
    let folder: String
    /// Where paths in messages begin.
    let directory: String

    private static let keys = [
        "description", "schedule", "depends_on", "parameters", "secrets", "contract", "rejects", "steps",
    ]

    func pipeline(
        _ name: String,
        _ node: Node
    ) throws(ConfigurationError) -> (PipelineDefinition, [String: SecretReference]) {
        try check(name: name, node)
        var pipeline = PipelineDefinition(name: name)
        pipeline.origin = PipelineDefinition.Origin(file: nodes.file, line: node.mark?.line)
        var secrets: [String: SecretReference] = [:]
        var steps: Node?
        for (key, value) in try nodes.entries(of: node, allowed: Self.keys, what: "the pipeline \(name)") {
            switch key {
            case "description": pipeline.description = try nodes.text(value, key)
            case "schedule":
                let text = try nodes.text(value, key)
                guard let schedule = PipelineSchedule(text) else {
                    throw nodes.error(
                        "schedule must be five fields of cron such as \"30 2 * * mon-fri\", @daily, or \"every 15m\"; \"\(text)\" is neither.",
                        value
                    )
                }
                pipeline.schedule = schedule
            case "depends_on": pipeline.dependencies = try list(value, key)
            case "parameters": pipeline.parameters = try parameters(value)
            case "secrets":
                for (name, reference) in try nodes.entries(of: value, allowed: nil, what: "secrets") {
                    let secret = try nodes.secret(reference)
                    if case .literal = secret {
                        throw nodes.error(
                            "A secret is referred to: \(name): {env: NAME}, {file: path} or {command: […]}.",
                            reference
                        )
                    }
                    secrets[name] = secret
                    pipeline.secrets.append(name)
                }
            case "contract": pipeline.contract = try contract(value)
            case "rejects": pipeline.rejects = try rejects(value)
            default: steps = value
            }
        }
        guard let steps else { throw nodes.error("The pipeline \(name) has no steps.", node) }
        for (name, value) in try nodes.entries(of: steps, allowed: nil, what: "steps") {
            try check(name: name, value)
            pipeline.steps.append(try step(name, value, pipeline))
        }
        guard !pipeline.steps.isEmpty else { throw nodes.error("The pipeline \(name) has no steps.", steps) }
        do throws(PipelinePlan.Failure) {
            let values = pipeline.parameters.map { ($0.name, $0.defaultValue ?? "") }
            _ = try PipelinePlan(pipeline, parameters: Dictionary(values) { first, _ in first })
        } catch {
            throw ConfigurationError(error.description, file: error.origin?.file, line: error.origin?.line)
        }
        return (pipeline, secrets)
    }

    /// Names stand in file names, tables and messages.
    private func check(name: String, _ node: Node) throws(ConfigurationError) {
        let isName = name.utf8.allSatisfy { $0 &- 48 < 10 || ($0 | 32) &- 97 < 26 || $0 == 95 || $0 == 45 }
        guard isName, !name.isEmpty, name.utf8.count <= 60 else {
            throw nodes.error("A name has up to 60 letters, digits, _ and -; \"\(name)\" does not.", node)
        }
    }

    func list(_ node: Node, _ key: String) throws(ConfigurationError) -> [String] {
        if let only = node.scalar?.string { return [only] }
        guard let sequence = node.sequence else { throw nodes.error("\(key) must be a name or a list of names.", node) }
        var names: [String] = []
        for element in sequence { names.append(try nodes.text(element, key)) }
        return names
    }

    func number(_ node: Node, _ key: String) throws(ConfigurationError) -> Int {
        guard let text = node.scalar?.string, let number = Int(text), number >= 0 else {
            throw nodes.error("\(key) must be a whole number.", node)
        }
        return number
    }

    func flag(_ node: Node, _ key: String) throws(ConfigurationError) -> Bool {
        guard let flag = node.bool else { throw nodes.error("\(key) must be true or false.", node) }
        return flag
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ node: Node,
        _ key: String,
        _ type: Word.Type,
        but others: [Word] = []
    ) throws(ConfigurationError) -> Word where Word: Equatable {
        let text = try nodes.text(node, key)
        let allowed = Word.allCases.filter { !others.contains($0) }
        guard let word = Word(rawValue: text), allowed.contains(word) else {
            throw nodes.error("\(key) must be \(allowed.map(\.rawValue).joined(separator: ", ")); it is \(text).", node)
        }
        return word
    }

    /// A path, from the folder of the file it is written in.
    func path(_ text: String) -> String {
        guard !text.hasPrefix("/"), text != "-" else { return text }
        return PipelineSettings.shortened("\(folder)/\(text)", directory)
    }

    func contents(_ node: Node, _ key: String) throws(ConfigurationError) -> (sql: String, file: String) {
        let name = try nodes.text(node, key)
        do throws(ConfigurationError) {
            return (try PipelineSettings.contents(of: folder == "." ? name : "\(folder)/\(name)"), path(name))
        } catch {
            throw nodes.error("The file \(path(name)) cannot be read.", node)
        }
    }

    private func parameters(_ node: Node) throws(ConfigurationError) -> [PipelineDefinition.Parameter] {
        var parameters: [PipelineDefinition.Parameter] = []
        for (name, value) in try nodes.entries(of: node, allowed: nil, what: "parameters") {
            try check(name: name, value)
            var parameter = PipelineDefinition.Parameter(name)
            if let text = value.scalar?.string {
                parameter.defaultValue = text
            } else {
                let what = "the parameter \(name)"
                for (key, value) in try nodes.entries(of: value, allowed: ["default", "description"], what: what) {
                    let text = try nodes.text(value, key)
                    if key == "default" { parameter.defaultValue = text } else { parameter.description = text }
                }
            }
            parameters.append(parameter)
        }
        return parameters
    }

    private func contract(_ node: Node) throws(ConfigurationError) -> PipelineContract {
        var contract = PipelineContract()
        for (key, value) in try nodes.entries(of: node, allowed: ["tables", "columns", "types"], what: "contract") {
            switch key {
            case "tables":
                contract.tables = try word(
                    value,
                    key,
                    PipelineContract.Rule.self,
                    but: [.discardRow, .discardValue]
                )
            case "columns": contract.columns = try word(value, key, PipelineContract.Rule.self)
            default: contract.types = try word(value, key, PipelineContract.Rule.self)
            }
        }
        return contract
    }

    private func rejects(_ node: Node) throws(ConfigurationError) -> PipelineDefinition.Rejects {
        var rejects = PipelineDefinition.Rejects()
        for (key, value) in try nodes.entries(of: node, allowed: ["file", "limit", "values"], what: "rejects") {
            switch key {
            case "file": rejects.file = path(try nodes.text(value, key))
            case "limit": rejects.limit = try number(value, key)
            default: rejects.includesValues = try flag(value, key)
            }
        }
        return rejects
    }
}
