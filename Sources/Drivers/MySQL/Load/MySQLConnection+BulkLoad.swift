public import Roost

extension MySQLConnection: BulkLoadingConnection {
    /// `LOAD DATA LOCAL`, in the open transaction or one of its own: the servers only warn of what they change in data of clients, and
    /// what they warned of is undone.
    ///
    /// - Throws: `notSupported` when the server takes no data of clients (`local_infile`).
    public func beginBulkLoad(into table: [String], columns: [String]) async throws(DatabaseError) -> any BulkLoad {
        let encoding = try await encoding(for: columns, of: table)
        let statement = Self.statement(into: table, columns: columns, .text, .strict, encoding.forms)
        let ownsTransaction = transactionStatus == .idle
        if ownsTransaction { try await begin(.readWrite) }
        do throws(DatabaseError) {
            let load = try await beginLoad(statement.rendered(for: dialect), encoding)
            return MySQLBulkLoad(connection: self, load: load, ownsTransaction: ownsTransaction)
        } catch {
            throw ownsTransaction ? await undoLoad(after: error) : error
        }
    }

    fileprivate func undoLoad(after error: DatabaseError) async -> DatabaseError {
        guard transactionStatus != .idle else { return error }
        do throws(DatabaseError) {
            try await rollback()
            return error
        } catch let rollbackError {
            return error.withRollbackError(rollbackError)
        }
    }
}

/// Rows on their way into a table by `LOAD DATA LOCAL`.
private struct MySQLBulkLoad: BulkLoad {
    let connection: MySQLConnection
    let load: MySQLConnection.Load
    let ownsTransaction: Bool

    func write(_ rows: RowBatch) async throws(DatabaseError) { try await connection.send(rows, in: load) }

    func finish() async throws(DatabaseError) -> Int {
        let summary = try await connection.finish(load, .strict, refusesRounding: true)
        await connection.clearVariables(load.encoding.forms)
        if ownsTransaction { try await connection.commit() }
        return Int(clamping: summary.rowsAffected ?? 0)
    }

    func abort(after error: DatabaseError) async -> DatabaseError {
        let error = await connection.abort(load, after: error)
        await connection.clearVariables(load.encoding.forms)
        return ownsTransaction ? await connection.undoLoad(after: error) : error
    }
}
