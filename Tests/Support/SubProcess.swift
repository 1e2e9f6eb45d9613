public import Foundation

/// Another program, run to its end without a thread that waits for it.
public struct SubProcess: Sendable {
    /// Why it did not do.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        /// A failure that says this.
        public init(description: String) { self.description = description }
    }

    private init() {}

    /// Runs a program and returns what it wrote.
    ///
    /// - Parameter variables: what is set in its environment, beside this process's.
    /// - Throws: ``Failure`` when it cannot be run or ends with another status than 0.
    public static func run(
        _ program: String,
        _ arguments: [String],
        variables: [String: String] = [:]
    ) async throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        // A file, since a pipe would have to be read by a thread, and Swift's own must not be blocked.
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("roost-output-\(UUID())")
        guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
            throw Failure(description: "no file for what \(program) says")
        }
        defer { try? FileManager.default.removeItem(at: file) }
        process.standardOutput = try FileHandle(forWritingTo: file)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else { throw Failure(description: "\(program) ended with status \(status)") }
        return try Data(contentsOf: file)
    }
}
