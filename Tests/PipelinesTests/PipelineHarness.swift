import Foundation
import Roost
import RoostConfiguration
import RoostPipelineDefinition
import RoostPipelines
import RoostSQLite

/// Runs pipelines between two databases that tests call `a` and `b`.
struct PipelineHarness: Sendable {
    let folder: URL
    let environment: PipelineEnvironment
    let ledger: RunLedger

    /// Calls `body` with databases of these engines, a folder and a ledger of its own.
    static func with(
        _ from: TestDatabase,
        _ to: TestDatabase,
        _ body: (PipelineHarness, any Connection, any Connection) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "roost-pipeline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await from.withDatabaseURL { sourceURL, source in
            try await to.withDatabaseURL { targetURL, target in
                let embedded: @Sendable (String?) async throws(DatabaseError) -> any Connection = {
                    (path) async throws(DatabaseError) in
                    try await TestDatabase.connect(
                        try DatabaseURL(path.map { "sqlite:\($0)?mode=rwc" } ?? "sqlite::memory:")
                    )
                }
                let environment = PipelineEnvironment(
                    temporaryFolder: folder.path,
                    connect: { (name) async throws(DatabaseError) in
                        try await TestDatabase.connect(name == "a" ? sourceURL : targetURL)
                    },
                    embedded: embedded,
                    secret: { (_, name) throws(DatabaseError) in Secret("the secret \(name)") }
                )
                let connection = try await embedded(folder.appending(path: "ledger.sqlite").path)
                let ledger = try await RunLedger(connection)
                let harness = PipelineHarness(folder: folder, environment: environment, ledger: ledger)
                do {
                    try await body(harness, source, target)
                } catch {
                    await ledger.close()
                    throw error
                }
                await ledger.close()
            }
        }
    }

    func plan(_ yaml: String, _ parameters: [String: String] = [:]) throws -> PipelinePlan {
        let file = folder.appending(path: "p.yaml").path
        let settings = try PipelineSettings.parse(yaml, name: "p", file: file)
        return try PipelinePlan(settings.definitions[0], parameters: parameters)
    }

    @discardableResult
    func run(
        _ yaml: String,
        _ parameters: [String: String] = [:],
        _ change: (inout PipelineRun.Options) -> Void = { _ in }
    ) async throws -> PipelineReport {
        var options = PipelineRun.Options()
        change(&options)
        return try await PipelineRun(try plan(yaml, parameters), in: environment, ledger: ledger, options).run()
    }

    func write(_ text: String, to name: String) throws {
        try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
}
