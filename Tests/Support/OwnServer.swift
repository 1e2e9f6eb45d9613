import Foundation

/// A server of one test's own, for what the other tests must not notice: a crash, a limit, a setting of the whole server.
public struct OwnServer: Sendable {
    /// What tests connect to, with the password.
    public let url: String
    private let name: String
    private let folder: URL

    private static var script: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../scripts/servers")
            .standardized.path
    }

    /// Starts one from the installed programs, runs `body`, and stops it whatever happens. Takes seconds.
    ///
    /// - Parameter name: as `scripts/servers` calls it.
    /// - Throws: ``SubProcess/Failure`` when it does not start, or what `body` throws.
    public static func with<R>(_ name: String, _ body: (OwnServer) async throws -> R) async throws -> R {
        let folder = URL(fileURLWithPath: "/tmp/roost-own-\(UInt32.random(in: 0 ... .max))")
        let variables = Self.variables(folder)
        let result: Result<R, any Error>
        do {
            try await begin("start", name, variables)
            let text = String(
                decoding: try await SubProcess.run(script, ["env", name], variables: variables),
                as: UTF8.self
            )
            let line = text.split(separator: "\n").first { $0.contains("_URL=") }
            guard let url = line?.split(separator: "'").dropFirst().first else {
                throw SubProcess.Failure(description: "\(name) has started and has no address")
            }
            result = .success(try await body(OwnServer(url: String(url), name: name, folder: folder)))
        } catch {
            result = .failure(error)
        }
        _ = try? await SubProcess.run(script, ["stop", name], variables: variables)
        try FileManager.default.removeItem(at: folder)
        return try result.get()
    }

    private static func variables(_ folder: URL) -> [String: String] { ["ROOST_SERVERS": folder.path] }

    private static func begin(_ command: String, _ name: String, _ variables: [String: String]) async throws {
        // Foundation takes a program for running while a child of it holds what it inherited, and a server is such a child.
        let closing =
            "for f in /dev/fd/*; do n=${f##*/}; [ $n -gt 2 ] && eval \"exec $n>&-\"; done; exec \"$0\" \"$@\""
        _ = try await SubProcess.run("/bin/bash", ["-c", closing, script, command, name], variables: variables)
    }

    /// Starts the server again after ``kill()``, on the data and the port it had.
    public func restart() async throws { try await Self.begin("restart", name, Self.variables(folder)) }

    /// Ends the server as a crash does, with all the processes it has: those that outlived it would be in the way of a restart. So would
    /// PostgreSQL's lock files while nobody has asked how its processes ended.
    public func kill() async throws {
        let place = name.hasPrefix("postgresql") ? "data/postmaster.pid" : "pid"
        let file = folder.appendingPathComponent(name).appendingPathComponent(place)
        let text = try String(contentsOf: file, encoding: .utf8)
        guard let pid = text.split(separator: "\n").first.flatMap({ Int($0) }) else {
            throw SubProcess.Failure(description: "no process is named in \(file.lastPathComponent)")
        }
        let script = """
            all="\(pid) $(cat /proc/\(pid)/task/\(pid)/children 2>/dev/null)"
            kill -9 $all
            for one in $all; do
                while kill -0 $one 2>/dev/null && ! grep -q '^State:.*Z' /proc/$one/status 2>/dev/null; do :; done
            done
            rm -f '\(file.path)' '\(folder.path)'/postgresql*/.s.PGSQL.*
            """
        _ = try await SubProcess.run("/bin/sh", ["-c", script])
    }
}
