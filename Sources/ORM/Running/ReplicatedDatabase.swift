public import Roost

/// A database that is written in one place and read in several: a writer and its read replicas.
///
/// ```swift
/// let shop = ReplicatedDatabase(writer: primary, replicas: [east, west])
/// let artists = try await shop.read { try await $0.fetchAll(Artist.all, limit: 100) }
/// try await shop.write { try await $0.insert(Artist(name: "Björk")) }
/// ```
///
/// Replicas lag behind: what must see the latest write is read through ``writer``. Each is a ``Roost/Database`` with a pool of its own.
public final class ReplicatedDatabase: Sendable {
    /// Where changes are made.
    public let writer: Database
    /// Where reads go, in turn.
    public let replicas: [Database]
    private let turn = Locked(0)

    /// A database from its parts. Without replicas the writer is read, too.
    public init(writer: Database, replicas: [Database]) {
        self.writer = writer
        self.replicas = replicas
    }

    /// Runs `body` with a connection to the next replica. One that cannot be reached is passed over, and at last the writer is read.
    ///
    /// Nothing but the way to a connection is tried again: an error of `body` is thrown as it is. That `body` only reads is its own promise; let
    /// replicas that are not read-only by themselves be opened with `read_only=true`.
    public func read<R>(
        fileID: String = #fileID,
        line: Int = #line,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        let first = turn.withLock { turn in
            turn = (turn + 1) % max(replicas.count, 1)
            return turn
        }
        for offset in replicas.indices {
            var hasBegun = false
            do {
                return try await replicas[(first + offset) % replicas.count]
                    .withConnection(for: .reading, fileID: fileID, line: line) { connection in
                        hasBegun = true
                        return try await body(connection)
                    }
            } catch let error as DatabaseError where !hasBegun && Self.isUnreachable(error) {
                continue
            }
        }
        return try await writer.withConnection(for: .reading, fileID: fileID, line: line, body)
    }

    /// Runs `body` with a connection to the writer.
    public func write<R>(
        fileID: String = #fileID,
        line: Int = #line,
        _ body: (any Connection) async throws -> R
    ) async throws -> R {
        try await writer.withConnection(for: .writing, fileID: fileID, line: line, body)
    }

    /// Closes the writer and all replicas.
    public func close() async {
        for replica in replicas { await replica.close() }
        await writer.close()
    }

    private static func isUnreachable(_ error: DatabaseError) -> Bool {
        switch error.condition {
        case .cannotConnect, .connectionLost, .connectionClosed, .tooManyConnections, .poolTimeout, .timeout: true
        default: false
        }
    }
}
