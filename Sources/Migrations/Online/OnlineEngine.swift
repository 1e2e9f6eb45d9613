import Roost

/// What an engine has to do for an online change; the order of things and the filling are the same on all.
protocol OnlineEngine {
    /// Schema or database, and name.
    var table: [String] { get }
    /// What fills a row; nil when there is nothing to fill.
    var assignment: Statement? { get }
    /// Whether a change-over that was interrupted may have left the columns out of step.
    func isOutOfStep(_ state: OnlineChange.State) -> Bool
    /// Whether what was added can still be removed.
    func canBeTakenBack(_ state: OnlineChange.State) -> Bool

    /// The key of the last row of the next portion; no row when fewer are left.
    func portionEnd(after position: String?, size: Int) throws -> Statement
    /// Fills the rows between two keys.
    func portion(_ assignment: Statement, after first: String?, upTo last: String?) throws -> Statement

    /// Adds what is missing of the change, and writes down that rows are being filled.
    ///
    /// - Parameter isNew: whether nobody has written the change down yet.
    func expand(_ state: OnlineChange.State, isNew: Bool, _ run: OnlineRun) async throws -> OnlineChange.State
    /// Changes over, and writes that down.
    func contract(_ state: OnlineChange.State, _ run: OnlineRun) async throws
    /// Removes what was added, and the record.
    func takeBack(_ state: OnlineChange.State, _ run: OnlineRun) async throws
}

/// Where an online change is made, and how it waits for locks.
struct OnlineRun {
    let connection: any Connection
    let configuration: MigrationConfiguration
    let table: OnlineTable

    /// A transaction that gives way where it gets no lock, and is tried again.
    @discardableResult
    func transaction<R>(_ body: () async throws -> R) async throws -> R {
        try await retrying { try await connection.inTransaction(body) }
    }

    /// Does again what got no lock, after a while.
    @discardableResult
    func retrying<R>(_ body: () async throws -> R) async throws -> R {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch let error as DatabaseError
                where [.lockTimeout, .deadlock].contains(error.condition) && attempt < configuration.lockAttempts
            {
                try await Task.sleep(for: configuration.delay(afterAttempt: attempt))
                attempt += 1
            }
        }
    }
}

extension OnlineChange {
    /// Refuses a name that no trigger could have.
    func checkName() throws(MigrationError) {
        guard name.utf8.count <= 40, !name.isEmpty,
            name.utf8.allSatisfy({ ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x5F })
        else {
            throw MigrationError(.usage, "The name of an online change has up to 40 letters, digits and _.")
        }
    }

    /// That others stand on the column, which this way of changing it would break.
    func refusal(_ users: [String]) -> MigrationError {
        let what =
            switch kind {
            case .rename: "The column cannot be renamed"
            case .type: "The type cannot be changed"
            case .notNull: "The column cannot be made NOT NULL"
            }
        return MigrationError(
            .usage,
            "\(what) this way while others stand on it: \(users.prefix(4).joined(separator: ", ")).",
            hint: "Drop them first and make them again once the change is complete."
        )
    }
}
