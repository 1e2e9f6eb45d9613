import Roost

private let section = "Extensions"

/// What only some engines have: two-phase commit, stored procedures, notifications.
extension ConformanceSuite {
    static let extensionCases: [ConformanceCase] = [
        ConformanceCase(section, "two-phase: prepared, recovered, committed by another", [.feature(.twoPhaseCommit)]) {
            target in
            try await withTable(target) { connection, table in
                let xid = makeXid()
                try await withTwoPhase(target) { one in
                    try await one.beginTwoPhase(xid)
                    try await one.execute("insert into \(identifier: table) (id) values (1)")
                    try await one.prepareTwoPhase()
                }
                try requireEqual(try await count(connection, table), 0, "rows before the second phase")
                try await withTwoPhase(target) { other in
                    try require(try await other.recoverTwoPhase().contains(xid), "it is not recovered")
                    try await other.commitTwoPhase(xid)
                    try require(try await !other.recoverTwoPhase().contains(xid), "it is recovered once committed")
                }
                try requireEqual(try await count(connection, table), 1, "rows after the second phase")
            }
        },
        ConformanceCase(section, "two-phase: rolled back", [.feature(.twoPhaseCommit)]) { target in
            try await withTable(target) { connection, table in
                let xid = makeXid()
                try await withTwoPhase(target) { one in
                    try await one.beginTwoPhase(xid)
                    try await one.execute("insert into \(identifier: table) (id) values (1)")
                    try await one.prepareTwoPhase()
                    try await one.rollbackTwoPhase(xid)
                    try await one.execute("insert into \(identifier: table) (id) values (2)")
                }
                try requireEqual(try await count(connection, table), 1, "rows")
            }
        },
        ConformanceCase(section, "two-phase: rolled back before it is prepared", [.feature(.twoPhaseCommit)]) {
            target in
            try await withTable(target) { connection, table in
                try await withTwoPhase(target) { one in
                    try await one.beginTwoPhase(makeXid())
                    try await one.execute("insert into \(identifier: table) (id) values (1)")
                    try await one.rollback()
                    try requireEqual(await one.transactionStatus, .idle, "status")
                    _ = try await requireError(.invalidTransactionState) { try await one.prepareTwoPhase() }
                }
                try requireEqual(try await count(connection, table), 0, "rows")
            }
        },
        ConformanceCase(section, "two-phase: not prepared once it has failed", [.feature(.twoPhaseCommit)]) { target in
            try await withTable(target) { connection, table in
                let xid = makeXid()
                try await withTwoPhase(target) { one in
                    try await one.beginTwoPhase(xid)
                    try await one.execute("insert into \(identifier: table) (id) values (1)")
                    _ = try await requireError { try await one.execute("select nosuch from \(identifier: table)") }
                    if await one.transactionStatus == .failed {
                        _ = try await requireError(.transactionAborted) { try await one.prepareTwoPhase() }
                        try require(try await !one.recoverTwoPhase().contains(xid), "what failed is prepared")
                    } else {
                        try await one.rollback()
                    }
                }
                try requireEqual(try await count(connection, table), 0, "rows")
            }
        },
        ConformanceCase(section, "two-phase: an unknown identity", [.feature(.twoPhaseCommit)]) { target in
            try await withTwoPhase(target) { one in
                _ = try await requireError { try await one.commitTwoPhase(makeXid()) }
                try await one.ping()
            }
        },
        ConformanceCase(section, "callproc: a procedure gives its result", [.feature(.storedProcedures)]) { target in
            guard let define = target.doublingProcedure else {
                throw ConformanceFailure(description: "the target names no procedure")
            }
            try await withConnection(target) { connection in
                let name = "roost_p\(UInt32.random(in: 1 ... .max))"
                try await connection.execute(define(name))
                let doubled: Result<Int?, any Error>
                do {
                    doubled = .success(try await connection.call(name, [.int(21)]).fetchOne()?.decode(0, as: Int.self))
                } catch {
                    doubled = .failure(error)
                }
                try await connection.execute("drop procedure \(identifier: name)")
                try requireEqual(try doubled.get(), 42, "result")
            }
        },
        ConformanceCase(section, "callproc: an unknown procedure", [.feature(.storedProcedures)]) { target in
            try await withConnection(target) { connection in
                _ = try await requireError(.undefinedFunction) { _ = try await connection.call("roost_nosuch", []) }
            }
        },
        ConformanceCase(section, "notifications reach other sessions", [.feature(.notifications)]) { target in
            try await withNotifications(target) { listener in
                let channel = "roost_n\(UInt32.random(in: 1 ... .max))"
                let messages = try await listener.notifications(on: channel)
                try await withNotifications(target) { try await $0.notify(channel, payload: "it's \"quoted\"") }
                for try await message in messages {
                    return try requireEqual(
                        message,
                        Notification(channel: channel, payload: "it's \"quoted\""),
                        "message"
                    )
                }
                throw ConformanceFailure(description: "the messages ended")
            }
        },
    ]

    private static func makeXid() -> Xid {
        Xid(formatID: 5, globalTransactionID: "roost \(UInt64.random(in: 0 ... .max))", branchQualifier: "b'1")
    }

    private static func count(_ connection: any Connection, _ table: String) async throws -> Int {
        try await connection.query("select count(*) from \(identifier: table)").decode(Int.self).fetchOnly()
    }

    private static func withTwoPhase(
        _ target: ConformanceTarget,
        _ body: (any TwoPhaseConnection) async throws -> Void
    ) async throws {
        try await withConnection(target) { connection in
            guard let connection = connection as? any TwoPhaseConnection else {
                throw ConformanceFailure(description: "the connection is no TwoPhaseConnection")
            }
            try await body(connection)
        }
    }

    private static func withNotifications(
        _ target: ConformanceTarget,
        _ body: (any NotificationConnection) async throws -> Void
    ) async throws {
        try await withConnection(target) { connection in
            guard let connection = connection as? any NotificationConnection else {
                throw ConformanceFailure(description: "the connection is no NotificationConnection")
            }
            try await body(connection)
        }
    }
}
