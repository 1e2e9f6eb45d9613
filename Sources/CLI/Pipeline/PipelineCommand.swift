import ArgumentParser
import Foundation
import Roost
import RoostConfiguration
import RoostPipelineDefinition
import RoostPipelines
import RoostSQLite

/// `roost pipeline`
struct PipelineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipeline",
        abstract: "Load tables from others, step by step, as roost.yaml says.",
        discussion: """
            Examples:
              roost pipeline list                      names, schedules, last runs
              roost pipeline plan orders               what a run would do, without connecting
              roost pipeline run orders -p day=2026-01-31
              roost pipeline run --all --resume        all of them in order; goes on with what was interrupted
              roost pipeline state orders              what the last runs did
              roost pipeline verify orders             compares the targets with the sources

            Pipelines stand under pipelines: in roost.yaml, or one a file in the folder pipelines beside it.

            Exit codes: 0 done, 2 a definition that is wrong, 3 verify found differences, 5 another run is under way,
            6 a check failed, too many rows were rejected, or only some of the steps were published.
            """,
        subcommands: [
            RunPipelines.self, PlanPipeline.self, ListPipelines.self, PipelineState.self, VerifyPipeline.self,
        ]
    )
}

/// Where pipelines and what is known of their runs are.
struct PipelineOptions: ParsableArguments {
    @OptionGroup var common: CommonOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The file that runs are noted in; .roost/pipelines.sqlite beside roost.yaml by default.",
            valueName: "file"
        )
    )
    var state: String?

    private var directory: String { FileManager.default.currentDirectoryPath }

    func settings() throws -> PipelineSettings {
        try PipelineSettings.load(try common.project(), directory: directory)
    }

    /// The pipeline of that name.
    func pipeline(_ name: String, in settings: PipelineSettings) throws -> PipelineDefinition {
        guard let found = settings.definitions.first(where: { $0.name == name }) else {
            let names = settings.definitions.map(\.name)
            let known =
                names.isEmpty
                ? "There are none; write one into roost.yaml or pipelines/NAME.yaml."
                : "There are: \(names.joined(separator: ", "))."
            throw ConfigurationError("No pipeline is named \"\(name)\". \(known)", file: try common.project().file)
        }
        return found
    }

    private func statePath() throws -> String {
        if let state { return state }
        let project = try common.project()
        let folder = project.file.flatMap { file in file.lastIndex(of: "/").map { String(file[..<$0]) } } ?? directory
        return folder + "/.roost/pipelines.sqlite"
    }

    /// The file whose lock keeps two runs of a pipeline from each other.
    func lockPath(_ pipeline: String) throws -> String { "\(try statePath()).\(pipeline).lock" }

    /// Opens the ledger, and closes it when `body` is done.
    func withLedger<R>(_ body: (RunLedger) async throws -> R) async throws -> R {
        let path = try statePath()
        let folder = URL(filePath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(status: .failed, message: "The folder \(folder) cannot be made.")
        }
        let ledger = try await RunLedger(try await Self.embedded(path))
        do {
            let result = try await body(ledger)
            await ledger.close()
            return result
        } catch {
            await ledger.close()
            throw error
        }
    }

    private static func embedded(_ path: String?) async throws(DatabaseError) -> any Connection {
        guard let path else { return try await linkedDrivers.connect(ConnectionConfiguration("sqlite::memory:")) }
        let encoded = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        return try await linkedDrivers.connect(ConnectionConfiguration("sqlite:\(encoded)?mode=rwc"))
    }

    /// What the engine is given.
    func environment(_ settings: PipelineSettings) throws -> PipelineEnvironment {
        let variables = try common.environment()
        let project = try common.project()
        let logger = try common.logger()
        return PipelineEnvironment(
            temporaryFolder: FileManager.default.temporaryDirectory.path,
            connect: { (name) async throws(DatabaseError) in
                var configuration: ConnectionConfiguration
                do {
                    configuration = try project.resolve(name, environment: variables)
                } catch {
                    throw Self.databaseError(error)
                }
                configuration.logger = logger
                return try await linkedDrivers.connect(configuration)
            },
            embedded: { (path) async throws(DatabaseError) in try await Self.embedded(path) },
            secret: { (pipeline, name) throws(DatabaseError) in
                guard let reference = settings.secrets[pipeline]?[name] else {
                    throw DatabaseError(.interface, .invalidConfiguration, "There is no secret \(name).")
                }
                do {
                    return try reference.resolve(in: variables)
                } catch {
                    throw Self.databaseError(error)
                }
            }
        )
    }

    private static func databaseError(_ error: any Error) -> DatabaseError {
        (error as? DatabaseError) ?? DatabaseError(.interface, .invalidConfiguration, "\(error)")
    }
}

/// The parameters of a run.
struct PipelineParameterOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("A parameter; repeat for more.", valueName: "name=value"))
    var param: [String] = []
    @Option(name: .long, help: "Only this step; repeat for more.") var step: [String] = []

    func validate() throws {
        for parameter in param where !parameter.dropFirst().contains("=") {
            throw ValidationError("--param takes name=value.")
        }
    }

    func plan(_ definition: PipelineDefinition, ignoringUnknown: Bool = false) throws -> PipelinePlan {
        var values: [String: String] = [:]
        for parameter in param {
            guard let equals = parameter.firstIndex(of: "=") else { continue }
            values[String(parameter[..<equals])] = String(parameter[parameter.index(after: equals)...])
        }
        if ignoringUnknown {
            let known = definition.parameters.map(\.name)
            values = values.filter { known.contains($0.key) }
        }
        do throws(PipelinePlan.Failure) {
            return try PipelinePlan(definition, parameters: values, only: step.isEmpty ? nil : step)
        } catch {
            throw ConfigurationError(error.description, file: error.origin?.file, line: error.origin?.line)
        }
    }
}
