import Foundation
import Testing

/// The built binary, run as a user would.
struct RoostBinary {
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// A folder of its own for each test.
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "roost-cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() {
        try? FileManager.default.removeItem(at: folder)
    }

    /// The products lie beside the test bundle.
    static var executable: URL {
        var folder = Bundle.main.bundleURL
        for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
            folder = bundle.bundleURL.deletingLastPathComponent()
        }
        return folder.appending(path: "roost")
    }

    static var path: String { executable.path(percentEncoded: false) }

    /// Runs a script, whose `$0` is the binary and `$1` … are `arguments`. Not by `sh`: where that is dash, `wait` hangs when a parent blocked
    /// the signal of ended children, as threads of Dispatch do.
    func run(shell script: String, _ arguments: [String]) throws -> Outcome {
        try run(["-c", script, Self.path] + arguments, program: URL(filePath: "/bin/bash"))
    }

    func run(
        _ arguments: [String],
        program: URL = Self.executable,
        input: String = "",
        environment: [String: String] = [:]
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        var variables = ProcessInfo.processInfo.environment
        for name in ["DATABASE_URL", "ROOST_CONFIG", "COLUMNS"] { variables[name] = nil }
        process.environment = variables.merging(environment) { $1 }
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        // Errors are short; output may be long and must be drained before the process can end.
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        let errors = stderr.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self)
        )
    }
}
