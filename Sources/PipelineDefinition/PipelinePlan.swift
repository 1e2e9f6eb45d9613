/// What a run of a pipeline is to do: its steps in order, and the values of its parameters. Nothing in it depends on the engine that
/// carries it out, and nothing in it is secret.
public struct PipelinePlan: Sendable, Hashable, Codable {
    /// Why a definition has no plan.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong.
        public var description: String
        /// The file concerned, and the line.
        public var origin: PipelineDefinition.Origin?
    }

    /// The pipeline.
    public var pipeline: PipelineDefinition
    /// The values of the parameters.
    public var parameters: [String: String]

    /// A plan for a run.
    ///
    /// - Parameters:
    ///   - values: what the run sets.
    ///   - only: the steps that are run; nil for all.
    /// - Throws: ``Failure`` for parameters that are unknown or have no value, and for steps that are unknown or depend on themselves.
    public init(
        _ definition: PipelineDefinition,
        parameters values: [String: String] = [:],
        only: [String]? = nil
    ) throws(Failure) {
        pipeline = definition
        func failure(_ text: String, line: Int? = nil) -> Failure {
            var origin = definition.origin
            if let line { origin?.line = line }
            return Failure(description: text, origin: origin)
        }
        let known = definition.parameters.map(\.name)
        if let unknown = values.keys.sorted().first(where: { !known.contains($0) }) {
            throw failure(
                "The pipeline \(definition.name) has no parameter \(unknown). \(known.isEmpty ? "It has none." : "It has: \(known.joined(separator: ", ")).")"
            )
        }
        parameters = [:]
        for parameter in definition.parameters {
            guard let value = values[parameter.name] ?? parameter.defaultValue else {
                throw failure("The pipeline \(definition.name) needs a value for its parameter \(parameter.name).")
            }
            parameters[parameter.name] = value
        }
        let names: [String]
        do throws(DependencyGraph.Failure) {
            names = try DependencyGraph.ordered(definition.steps.map { ($0.name, $0.dependencies) })
        } catch {
            switch error {
            case .cycle(let path):
                let line = definition.steps.first { $0.name == path.first }?.line
                throw failure("The steps depend on each other: \(path.joined(separator: " → ")).", line: line)
            case .unknown(let name, let step):
                let line = definition.steps.first { $0.name == step }?.line
                throw failure("The step \(step) depends on \(name), which is none of the pipeline's.", line: line)
            }
        }
        if let unknown = only?.first(where: { !names.contains($0) }) {
            throw failure(
                "The pipeline \(definition.name) has no step \(unknown). It has: \(names.joined(separator: ", "))."
            )
        }
        let steps = Dictionary(definition.steps.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        pipeline.steps = names.filter { only?.contains($0) ?? true }.compactMap { steps[$0] }
    }

    /// The steps, in the order they are done.
    public var steps: [StepDefinition] { pipeline.steps }

    /// Pipelines, each after those it depends on.
    ///
    /// - Throws: ``Failure`` for a circle and for a pipeline that is not there.
    public static func ordered(_ definitions: [PipelineDefinition]) throws(Failure) -> [PipelineDefinition] {
        let byName = Dictionary(definitions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        do throws(DependencyGraph.Failure) {
            let names = try DependencyGraph.ordered(definitions.map { ($0.name, $0.dependencies) })
            return names.compactMap { byName[$0] }
        } catch {
            switch error {
            case .cycle(let path):
                throw Failure(
                    description: "The pipelines depend on each other: \(path.joined(separator: " → ")).",
                    origin: byName[path[0]]?.origin
                )
            case .unknown(let name, let pipeline):
                throw Failure(
                    description: "The pipeline \(pipeline) depends on \(name), which there is not.",
                    origin: byName[pipeline]?.origin
                )
            }
        }
    }
}
