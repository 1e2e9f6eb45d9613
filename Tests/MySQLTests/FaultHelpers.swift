import Foundation
import Roost
import RoostConnectionPool
import RoostMySQL
import RoostTestSupport
import Testing

extension TestServer {
    /// The port on this machine.
    var port: Int {
        get throws {
            let address = try #require(url)
            let port = try DatabaseURL(address).hosts.first?.port
            return try #require(port)
        }
    }

    /// Runs a pool of connections for as long as `body` does.
    func withPool<R: Sendable>(
        _ configuration: PoolConfiguration,
        _ change: (inout DatabaseURL) -> Void = { _ in },
        _ body: (ConnectionPool<MySQLConnection>) async throws -> R
    ) async throws -> R {
        let (settings, flavour) = (try self.configuration(change), flavour)
        return try await withRunningPool(configuration) { () async throws(DatabaseError) in
            try await MySQLDriver(flavour).connect(settings)
        } _: {
            try await body($0)
        }
    }

    /// A user of one test's own, by whom the server lists its sessions.
    func withUser<R>(_ purpose: String, _ body: (String) async throws -> R) async throws -> R {
        let user = "\(purpose)_\(UInt32.random(in: 0 ... .max))"
        let address = try #require(url)
        let password = try DatabaseURL(address).password?.reveal() ?? ""
        try await withConnection { connection in
            try await connection.execute("create user \(unsafe: user)@'%' identified by '\(unsafe: password)'")
            try await connection.execute("grant all privileges on roost.* to \(unsafe: user)@'%'")
        }
        let result: Result<R, any Error>
        do { result = .success(try await body(user)) } catch { result = .failure(error) }
        _ = try await withConnection { try await $0.execute("drop user \(unsafe: user)@'%'") }
        return try result.get()
    }

    /// Where the server lists its sessions. MySQL's older list fails while any of them runs a statement with bytes that are no text.
    var processes: String {
        self == .mysql ? "performance_schema.processlist" : "information_schema.processlist"
    }

    /// Waits until statements whose text contains `mark` run in this user's sessions.
    func waitUntilRunning(_ user: String, _ mark: String, count: Int = 1) async throws {
        try await withConnection { observer in
            try await observer.waitUntil(
                """
                select count(*) from \(unsafe: processes) where user = \(user) and position(\(mark) in info) > 0
                """
            ) { $0 >= count }
        }
    }

    /// Waits until so many sessions of this user are left, or fewer.
    func waitUntilSessions(of user: String, areAtMost count: Int) async throws {
        try await withConnection { observer in
            try await observer.waitUntil(
                "select count(*) from \(unsafe: processes) where user = \(user)"
            ) { $0 <= count }
        }
    }

    /// Ends this user's sessions as an administrator does; returns how many there were.
    @discardableResult
    func terminate(_ user: String) async throws -> Int {
        try await withConnection { killer in
            let ids = try await killer.query("select id from \(unsafe: processes) where user = \(user)")
                .decode(Int.self).fetchAll(limit: 1_000)
            for id in ids { _ = try? await killer.execute("kill \(unsafe: String(id))") }
            return ids.count
        }
    }
}

extension MySQLConnection {
    /// Asks the server until the count `statement` selects is as wanted; the server waits a little between the looks.
    func waitUntil(
        _ statement: Statement,
        _ isWanted: (Int) -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let limit = ContinuousClock.now + .seconds(300)
        var last = -1
        repeat {
            last = try await query(statement).decode(Int.self).fetchOnly()
            if isWanted(last) { return }
            try await execute("do sleep(0.01)")
        } while ContinuousClock.now < limit
        Issue.record("still \(last) for \(statement.text)", sourceLocation: sourceLocation)
    }
}

extension DatabaseURL {
    /// The same server by way of a proxy.
    mutating func go(through proxy: FaultProxy) {
        hosts = [Host(name: "localhost", port: proxy.port)]
        // What a test waits for when the proxy falls silent.
        set("cancel_timeout", "5s")
    }
}

/// Where tasks wait for each other once.
actor Meeting {
    private let count: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private(set) var arrived = 0

    init(of count: Int) { self.count = count }

    /// Waits until all are there; whoever comes later goes on.
    func arrive() async {
        arrived += 1
        if arrived >= count {
            for continuation in waiting { continuation.resume() }
            waiting = []
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }
}
