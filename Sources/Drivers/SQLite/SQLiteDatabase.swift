import Logging
public import Roost

/// One writer and several readers over one SQLite file, as WAL allows: readers never wait for the writer, nor it for them.
///
/// Connections are lent one at a time and waiting callers are served in order. A database in memory has the writer alone.
public final class SQLiteDatabase: ConnectionProvider {
    /// Callers that wait for a connection of one kind, and the connections at rest.
    private struct Lane {
        var idle: [SQLiteConnection] = []
        var openCount = 0
        var maximum: Int
        var waiters: [Waiter] = []
    }

    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Result<SQLiteConnection?, DatabaseError>, Never>
    }

    private struct State {
        var writer = Lane(maximum: 1)
        var readers: Lane
        var lent: [ObjectIdentifier: ConnectionPurpose] = [:]
        var nextWaiter: UInt64 = 0
        var isClosed = false
    }

    private let configuration: SQLiteConfiguration
    private let acquireTimeout: Duration
    private let state: Locked<State>

    private init(configuration: SQLiteConfiguration, readers: Int) {
        self.configuration = configuration
        acquireTimeout = configuration.common.poolTimeout
        state = Locked(State(readers: Lane(maximum: readers)))
    }

    /// Opens the writer, so that a wrong path or file is an error here; readers follow as they are needed.
    public static func open(_ configuration: SQLiteConfiguration) async throws(DatabaseError) -> SQLiteDatabase {
        var configuration = configuration
        if configuration.journalMode == nil, configuration.isFile, configuration.mode != .readOnly {
            configuration.journalMode = "wal"
        }
        let total = configuration.common.maximumConnections ?? 5
        let database = SQLiteDatabase(
            configuration: configuration,
            readers: configuration.isFile ? max(total - 1, 0) : 0
        )
        let connection = try await database.acquire(for: .writing)
        await database.release(connection)
        return database
    }

    private func lane(for purpose: ConnectionPurpose, in state: State) -> ConnectionPurpose {
        purpose == .reading && state.readers.maximum > 0 ? .reading : .writing
    }

    public func acquire(for purpose: ConnectionPurpose) async throws(DatabaseError) -> any Connection {
        enum Step {
            case take(SQLiteConnection, ConnectionPurpose)
            case open(ConnectionPurpose)
            case wait(ConnectionPurpose, UInt64)
            case closed
        }
        let step = state.withLock { state -> Step in
            guard !state.isClosed else { return .closed }
            let purpose = lane(for: purpose, in: state)
            let path: WritableKeyPath<State, Lane> = purpose == .reading ? \.readers : \.writer
            if let connection = state[keyPath: path].idle.popLast() {
                state.lent[ObjectIdentifier(connection)] = purpose
                return .take(connection, purpose)
            }
            if state[keyPath: path].openCount < state[keyPath: path].maximum {
                state[keyPath: path].openCount += 1
                return .open(purpose)
            }
            state.nextWaiter += 1
            return .wait(purpose, state.nextWaiter)
        }
        switch step {
        case .take(let connection, _): return connection
        case .open(let purpose): return try await openConnection(for: purpose)
        case .wait(let purpose, let id):
            // A waiter may be handed a place to open a connection in, when one broke, instead of a connection.
            if let connection = try await wait(for: purpose, id: id) { return connection }
            return try await openConnection(for: purpose)
        case .closed: throw Self.closed
        }
    }

    private static var closed: DatabaseError {
        DatabaseError(
            .interface,
            .connectionClosed,
            "The database is closed.",
            sqlState: "08003",
            engine: SQLiteDriver.engineName
        )
    }

    private func openConnection(for purpose: ConnectionPurpose) async throws(DatabaseError) -> SQLiteConnection {
        do throws(DatabaseError) {
            var configuration = configuration
            if purpose == .reading { configuration.common.isReadOnly = true }
            let connection = try await SQLiteConnection.open(configuration)
            state.withLock { $0.lent[ObjectIdentifier(connection)] = purpose }
            return connection
        } catch {
            giveUpPlace(for: purpose)
            throw error
        }
    }

    private func wait(for purpose: ConnectionPurpose, id: UInt64) async throws(DatabaseError) -> SQLiteConnection? {
        let timer = Task { [acquireTimeout] in
            try await Task.sleep(for: acquireTimeout)
            self.fail(waiter: id, Self.timeout)
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<SQLiteConnection?, DatabaseError>, Never>) in
                let immediate = state.withLock { state -> Result<SQLiteConnection?, DatabaseError>? in
                    if state.isClosed { return .failure(Self.closed) }
                    if Task.isCancelled { return .failure(Self.cancelled) }
                    let path: WritableKeyPath<State, Lane> = purpose == .reading ? \.readers : \.writer
                    // A connection may have come back since the decision to wait.
                    if let connection = state[keyPath: path].idle.popLast() {
                        state.lent[ObjectIdentifier(connection)] = purpose
                        return .success(connection)
                    }
                    if state[keyPath: path].openCount < state[keyPath: path].maximum {
                        state[keyPath: path].openCount += 1
                        return .success(nil)
                    }
                    state[keyPath: path].waiters.append(Waiter(id: id, continuation: continuation))
                    return nil
                }
                if let immediate { continuation.resume(returning: immediate) }
            }
        } onCancel: {
            fail(waiter: id, Self.cancelled)
        }
        return try result.get()
    }

    private static var timeout: DatabaseError {
        DatabaseError(
            .operational,
            .poolTimeout,
            "No connection came free in time.",
            hint:
                "Keep transactions short, look for connections that are not given back, or raise pool_size or connect_timeout.",
            engine: SQLiteDriver.engineName
        )
    }

    private static var cancelled: DatabaseError {
        DatabaseError(
            .operational,
            .cancelled,
            "Waiting for a connection was cancelled.",
            sqlState: "57014",
            engine: SQLiteDriver.engineName
        )
    }

    private func fail(waiter id: UInt64, _ error: DatabaseError) {
        let waiter = state.withLock { state -> Waiter? in
            if let index = state.writer.waiters.firstIndex(where: { $0.id == id }) {
                return state.writer.waiters.remove(at: index)
            }
            if let index = state.readers.waiters.firstIndex(where: { $0.id == id }) {
                return state.readers.waiters.remove(at: index)
            }
            return nil
        }
        waiter?.continuation.resume(returning: .failure(error))
    }

    /// A connection could not be opened or broke: whoever waits first may try.
    private func giveUpPlace(for purpose: ConnectionPurpose) {
        let waiter = state.withLock { state -> Waiter? in
            let path: WritableKeyPath<State, Lane> = purpose == .reading ? \.readers : \.writer
            guard !state[keyPath: path].waiters.isEmpty else {
                state[keyPath: path].openCount -= 1
                return nil
            }
            return state[keyPath: path].waiters.removeFirst()
        }
        waiter?.continuation.resume(returning: .success(nil))
    }

    public func release(_ connection: any Connection) async {
        guard let connection = connection as? SQLiteConnection else { return }
        var isUsable = true
        do throws(DatabaseError) {
            if case .open = await connection.transactionStatus {
                configuration.common.logger.warning(
                    "A connection came back with an open transaction; it was rolled back."
                )
            }
            try await connection.reset()
        } catch {
            isUsable = false
        }
        enum Step {
            case nothing
            case hand(Waiter)
            case close
            case giveUp(ConnectionPurpose)
        }
        let step = state.withLock { state -> Step in
            guard let purpose = state.lent.removeValue(forKey: ObjectIdentifier(connection)) else { return .nothing }
            let path: WritableKeyPath<State, Lane> = purpose == .reading ? \.readers : \.writer
            guard isUsable else { return .giveUp(purpose) }
            if state.isClosed { return .close }
            guard !state[keyPath: path].waiters.isEmpty else {
                state[keyPath: path].idle.append(connection)
                return .nothing
            }
            state.lent[ObjectIdentifier(connection)] = purpose
            return .hand(state[keyPath: path].waiters.removeFirst())
        }
        switch step {
        case .nothing: break
        case .hand(let waiter): waiter.continuation.resume(returning: .success(connection))
        case .close: await connection.close()
        case .giveUp(let purpose): giveUpPlace(for: purpose)
        }
    }

    /// Reading for `SELECT`, `VALUES` and `EXPLAIN`; anything else may write.
    public func purpose(of statement: Statement) -> ConnectionPurpose {
        let word = statement.text.drop { $0.isWhitespace }.prefix { $0.isLetter }.lowercased()
        return ["select", "values", "explain"].contains(word) ? .reading : .writing
    }

    public func close() async {
        let (connections, waiters) = state.withLock { state -> ([SQLiteConnection], [Waiter]) in
            state.isClosed = true
            defer {
                state.writer.idle = []
                state.readers.idle = []
                state.writer.waiters = []
                state.readers.waiters = []
            }
            return (state.writer.idle + state.readers.idle, state.writer.waiters + state.readers.waiters)
        }
        for waiter in waiters { waiter.continuation.resume(returning: .failure(Self.closed)) }
        for connection in connections { await connection.close() }
    }
}
