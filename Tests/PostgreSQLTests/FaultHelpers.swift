import Roost
import RoostConnectionPool
import RoostPostgreSQL
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
        _ body: (ConnectionPool<PostgreSQLConnection>) async throws -> R
    ) async throws -> R {
        let settings = try self.configuration(change)
        return try await withRunningPool(configuration) { () async throws(DatabaseError) in
            try await PostgreSQLDriver().connect(settings)
        } _: {
            try await body($0)
        }
    }

    /// Asks the server until the count `statement` selects is as wanted; the server waits a little between the looks.
    func waitUntil(
        _ statement: Statement,
        _ isWanted: (Int) -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let limit = ContinuousClock.now + .seconds(300)
        try await withConnection { observer in
            var last = -1
            repeat {
                last = try await observer.query(statement).decode(Int.self).fetchOnly()
                if isWanted(last) { return }
                try await observer.execute("select pg_sleep(0.01)")
            } while ContinuousClock.now < limit
            Issue.record("still \(last) for \(statement.text)", sourceLocation: sourceLocation)
        }
    }

    /// Waits until statements whose text contains `mark` run in sessions of this name.
    func waitUntilRunning(_ application: String, _ mark: String, count: Int = 1) async throws {
        try await waitUntil(
            """
            select count(*) from pg_stat_activity where application_name = \(application) and state = 'active' \
            and position(\(mark) in query) > 0
            """
        ) { $0 >= count }
    }

    /// Ends the sessions of this name as an administrator does; returns how many there were.
    @discardableResult
    func terminate(_ application: String) async throws -> Int {
        try await withConnection { killer in
            try await killer.query(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = \(application)"
            ).decode(Int.self).fetchOnly()
        }
    }
}

extension DatabaseURL {
    /// The same server by way of a proxy.
    mutating func go(through proxy: FaultProxy) {
        hosts = [Host(name: "localhost", port: proxy.port)]
        // What a test waits for when the proxy falls silent.
        set("cancel_timeout", "5s")
    }

    /// A name under which the server lists the sessions of one test.
    mutating func name(_ application: String) { set("application_name", application) }
}

/// A name for the sessions of one test, different in every run.
func applicationName(_ purpose: String) -> String {
    "roost \(purpose) \(UInt32.random(in: 0 ... .max))"
}
