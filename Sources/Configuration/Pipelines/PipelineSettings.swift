public import RoostPipelineDefinition
import Yams

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The pipelines of a project: those of `roost.yaml` and one a file in the folder `pipelines` beside it.
public struct PipelineSettings: Sendable {
    /// The pipelines, in order: those of `roost.yaml`, then the files' by name.
    public var definitions: [PipelineDefinition] = []
    /// Where the secrets of a pipeline are, by the pipeline's name and theirs.
    public var secrets: [String: [String: SecretReference]] = [:]

    /// No pipelines.
    public init() {}

    /// Reads all pipelines of a project.
    ///
    /// - Parameter directory: where paths in messages begin, and where the folder is looked for when there is no `roost.yaml`.
    /// - Throws: ``ConfigurationError`` with the file and line of what is wrong.
    public static func load(
        _ project: ProjectConfiguration,
        directory: String
    ) throws(ConfigurationError) -> PipelineSettings {
        var settings = PipelineSettings()
        var folder = directory
        if let file = project.file {
            folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? directory
            let text = try contents(of: file)
            if let root = try compose(text, file: file), let node = root.mapping?["pipelines"] {
                let nodes = NodeReader(file: file)
                for (name, value) in try nodes.entries(of: node, allowed: nil, what: "pipelines") {
                    try settings.add(name, value, nodes, folder: folder, directory: directory)
                }
            }
        }
        let place = folder + "/pipelines"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let path = shortened("\(place)/\(name)", directory)
            guard let root = try compose(try contents(of: "\(place)/\(name)"), file: path) else { continue }
            let title = String(name.prefix { $0 != "." })
            try settings.add(title, root, NodeReader(file: path), folder: place, directory: directory)
        }
        do throws(PipelinePlan.Failure) {
            _ = try PipelinePlan.ordered(settings.definitions)
        } catch {
            throw ConfigurationError(error.description, file: error.origin?.file, line: error.origin?.line)
        }
        return settings
    }

    /// Reads one pipeline from the text of a file of its own.
    ///
    /// - Throws: ``ConfigurationError`` with the line of what is wrong.
    public static func parse(_ text: String, name: String, file: String) throws(ConfigurationError) -> PipelineSettings
    {
        var settings = PipelineSettings()
        guard let root = try compose(text, file: file) else {
            throw ConfigurationError("There is nothing in the file.", file: file, line: 1)
        }
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        try settings.add(name, root, NodeReader(file: file), folder: folder, directory: "")
        return settings
    }

    private mutating func add(
        _ name: String,
        _ node: Node,
        _ nodes: NodeReader,
        folder: String,
        directory: String
    ) throws(ConfigurationError) {
        if let other = definitions.first(where: { $0.name == name })?.origin {
            throw nodes.error("There is a pipeline \(name) in \(other.file) too.", node)
        }
        let reader = PipelineReader(nodes: nodes, folder: folder, directory: directory)
        let (definition, secrets) = try reader.pipeline(name, node)
        definitions.append(definition)
        self.secrets[name] = secrets
    }

    private static func compose(_ text: String, file: String) throws(ConfigurationError) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch {
            if let error = error as? YamlError, case .parser(_, let problem, let mark, _) = error {
                throw ConfigurationError("Not valid YAML: \(problem).", file: file, line: mark.line)
            }
            throw ConfigurationError("Not valid YAML.", file: file)
        }
    }

    static func contents(of path: String) throws(ConfigurationError) -> String {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw ConfigurationError("The file \(path) cannot be read.", file: path)
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// A path as short as people would type it.
    static func shortened(_ path: String, _ directory: String) -> String {
        !directory.isEmpty && path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
    }
}
