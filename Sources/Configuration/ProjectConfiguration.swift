public import Roost
import Yams

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `roost.yaml` says.
public struct ProjectConfiguration: Sendable {
    /// One named connection.
    public struct NamedConnection: Sendable {
        /// Its name.
        public var name: String
        /// Its URL, variables not yet replaced.
        public var url: String
        /// Where its password is.
        public var password: SecretReference?
        /// Words to select connections by.
        public var labels: [String]
        /// What it is for.
        public var description: String?
        /// Whether writes are refused.
        public var isReadOnly: Bool
        /// The line it stands on.
        public var line: Int
    }

    /// The file it was read from; nil when there is none.
    public var file: String?
    /// The connections, in order.
    public var connections: [NamedConnection] = []
    /// How migrations are kept and run.
    public var migrations = MigrationSettings()

    /// No configuration.
    public init() {}

    private static let topLevelKeys = [
        "connections", "migrations", "pipelines", "monitors", "reports", "backups", "audit", "version",
    ]
    private static let connectionKeys = ["url", "password", "labels", "label", "description", "read_only"]

    /// Finds and reads the configuration: `path` if given, else `ROOST_CONFIG`, else `roost.yaml` here or in a parent directory.
    ///
    /// - Throws: ``ConfigurationError`` for a file that is named but missing, and for what is wrong in it.
    public static func load(
        path: String?,
        directory: String,
        environment: Environment
    ) throws(ConfigurationError) -> ProjectConfiguration {
        if let named = path ?? environment["ROOST_CONFIG"] {
            guard let data = try? Data(contentsOf: URL(filePath: named)) else {
                throw ConfigurationError("The configuration file cannot be read.", file: named)
            }
            return try parse(String(decoding: data, as: UTF8.self), file: named)
        }
        var folder = directory
        while true {
            let candidate = folder + "/roost.yaml"
            if let data = try? Data(contentsOf: URL(filePath: candidate)) {
                return try parse(String(decoding: data, as: UTF8.self), file: candidate)
            }
            guard let slash = folder.lastIndex(of: "/"), !folder.isEmpty else { return ProjectConfiguration() }
            folder = String(folder[..<slash])
        }
    }

    /// Reads the text of a `roost.yaml`.
    public static func parse(_ text: String, file: String) throws(ConfigurationError) -> ProjectConfiguration {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            if let error = error as? YamlError, case .parser(_, let problem, let mark, _) = error {
                throw ConfigurationError("Not valid YAML: \(problem).", file: file, line: mark.line)
            }
            throw ConfigurationError("Not valid YAML.", file: file)
        }
        var configuration = ProjectConfiguration()
        configuration.file = file
        guard let root else { return configuration }
        let reader = NodeReader(file: file)
        for (key, value) in try reader.entries(of: root, allowed: topLevelKeys, what: "roost.yaml") {
            switch key {
            case "connections":
                for (name, node) in try reader.entries(of: value, allowed: nil, what: "connections") {
                    configuration.connections.append(try connection(name, node, reader))
                }
            case "migrations":
                configuration.migrations = try MigrationSettings.read(value, reader)
            default:
                break
            }
        }
        return configuration
    }

    private static func connection(
        _ name: String,
        _ node: Node,
        _ reader: NodeReader
    ) throws(ConfigurationError) -> NamedConnection {
        let line = node.mark?.line ?? 0
        var result = NamedConnection(name: name, url: "", labels: [], isReadOnly: false, line: line)
        if let url = node.scalar?.string {
            result.url = url
            return result
        }
        for (key, value) in try reader.entries(of: node, allowed: connectionKeys, what: "the connection \(name)") {
            switch key {
            case "url": result.url = try reader.text(value, key)
            case "description": result.description = try reader.text(value, key)
            case "read_only":
                guard let flag = value.bool else { throw reader.error("read_only must be true or false.", value) }
                result.isReadOnly = flag
            case "labels":
                guard let labels = value.sequence?.compactMap(\.string) else {
                    throw reader.error("labels must be a list of words.", value)
                }
                result.labels += labels
            case "label": result.labels.append(try reader.text(value, key))
            default: result.password = try reader.secret(value)
            }
        }
        guard !result.url.isEmpty else {
            throw ConfigurationError("The connection \(name) has no url.", file: reader.file, line: line)
        }
        return result
    }

    /// The connection for what a user typed: a name from the configuration, or a URL.
    ///
    /// - Throws: ``ConfigurationError`` that lists the names there are; `DatabaseError` for a URL that cannot be read.
    public func resolve(_ target: String, environment: Environment) throws -> ConnectionConfiguration {
        guard let named = connections.first(where: { $0.name == target }) else {
            guard target.contains(":") else {
                let names = connections.map(\.name)
                let known =
                    names.isEmpty
                    ? "There are none; give a URL such as sqlite:shop.sqlite, or run roost init."
                    : "There are: \(names.joined(separator: ", "))."
                throw ConfigurationError("No connection is named \"\(target)\". \(known)", file: file)
            }
            return try ConnectionConfiguration(url: try DatabaseURL(target))
        }
        do {
            var url = try DatabaseURL(try environment.expanding(named.url))
            if let password = named.password { url.password = try password.resolve(in: environment) }
            var configuration = try ConnectionConfiguration(url: url)
            if named.isReadOnly { configuration.isReadOnly = true }
            return configuration
        } catch let error as ConfigurationError {
            throw ConfigurationError(
                "Connection \(named.name): \(error.message)",
                file: error.file ?? file,
                line: named.line
            )
        }
    }
}

/// Reads YAML nodes with errors that say where.
struct NodeReader {
    let file: String

    func error(_ message: String, _ node: Node) -> ConfigurationError {
        ConfigurationError(message, file: file, line: node.mark?.line)
    }

    func entries(of node: Node, allowed: [String]?, what: String) throws(ConfigurationError) -> [(String, Node)] {
        guard let mapping = node.mapping else {
            throw error("\(what) must be a mapping of names.", node)
        }
        var seen: Set<String> = []
        var entries: [(String, Node)] = []
        for (keyNode, value) in mapping {
            guard let key = keyNode.string else { throw error("A key of \(what) is not text.", keyNode) }
            guard seen.insert(key).inserted else { throw error("\(key) stands twice in \(what).", keyNode) }
            if let allowed, !allowed.contains(key) {
                let nearest = allowed.min { Self.distance($0, key) < Self.distance($1, key) }
                let hint = nearest.map { Self.distance($0, key) <= 3 ? " Did you mean \($0)?" : "" } ?? ""
                throw error("\(what) has no key \(key).\(hint) Known: \(allowed.joined(separator: ", ")).", keyNode)
            }
            entries.append((key, value))
        }
        return entries
    }

    func text(_ node: Node, _ key: String) throws(ConfigurationError) -> String {
        guard let text = node.scalar?.string else { throw error("\(key) must be text.", node) }
        return text
    }

    func secret(_ node: Node) throws(ConfigurationError) -> SecretReference {
        if let literal = node.scalar?.string { return .literal(Secret(literal)) }
        let entries = try entries(of: node, allowed: ["env", "file", "command"], what: "password")
        guard entries.count == 1, let (key, value) = entries.first else {
            throw error("password must have exactly one of env, file and command.", node)
        }
        if key == "command" {
            guard let arguments = value.sequence?.compactMap(\.string), !arguments.isEmpty else {
                throw error("command must be a list: the program and its arguments.", value)
            }
            return .command(arguments)
        }
        return key == "env" ? .environment(try text(value, key)) : .file(try text(value, key))
    }

    /// The edit distance of two short words.
    private static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a), Array(b))
        var row = Array(0...b.count)
        for i in 0..<a.count {
            var previous = row[0]
            row[0] = i + 1
            for j in 0..<b.count {
                let cost = a[i] == b[j] ? previous : min(previous, row[j], row[j + 1]) + 1
                previous = row[j + 1]
                row[j + 1] = cost
            }
        }
        return row[b.count]
    }
}
