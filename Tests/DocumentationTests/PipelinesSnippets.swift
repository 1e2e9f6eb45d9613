import Roost
import RoostPipelines

// The Swift blocks of Documentation/Copy.md. They compile here; what they do is tested by RoostPipelinesTests on real servers.

enum PipelinesSnippets {
    static func copy(
        _ source: any Connection,
        _ target: any Connection,
        _ options: CopyOptions
    ) async throws -> [DatabaseCopy.TableResult] {
        let plan = try await CopyPlan.make(from: source, to: target, options)
        for note in plan.notes { print(note) }
        let results = try await DatabaseCopy(from: source, to: target, plan).run()
        return results
    }
}
