import Roost

/// Code that writes while a test changes what it writes to; each statement has to succeed.
struct BackgroundWriter: Sendable {
    let database: ConnectionConfiguration

    private actor StopFlag {
        private(set) var isSet = false
        func set() { isSet = true }
    }

    /// Writes until `body` is done.
    ///
    /// - Parameter statements: what to write at the nth time.
    /// - Returns: how many statements there were.
    func write(
        _ statements: @escaping @Sendable (Int) -> [Statement],
        while body: () async throws -> Void
    ) async throws -> Int {
        let stop = StopFlag()
        return try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { [database] in
                try await TestEngine.withConnection(database) { writer in
                    var (count, turn) = (0, 0)
                    while await !stop.isSet {
                        for statement in statements(turn) {
                            try await writer.execute(statement)
                            count += 1
                        }
                        turn += 1
                    }
                    return count
                }
            }
            do {
                try await body()
                await stop.set()
            } catch {
                await stop.set()
                throw error
            }
            return try await group.reduce(0, +)
        }
    }
}
