import CSQLite
public import Roost

extension SQLiteConnection {
    func prepare(_ text: String) throws(DatabaseError) -> PreparedHandle {
        finishAbandoned()
        if let known = cache.take(text) {
            known.isInUse = true
            return known
        }
        let database = try database()
        cache.makeRoom()
        control.begin(deadline: nil, timeout: nil)
        var copy = text
        let (status, statement, tail) = copy.withUTF8 { bytes -> (Int32, OpaquePointer?, Int) in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                var statement: OpaquePointer?
                var end: UnsafePointer<CChar>?
                // An empty string has no address; SQLite wants one.
                guard let start = characters.baseAddress, let count = Int32(exactly: characters.count) else {
                    return (bytes.isEmpty ? SQLITE_OK : SQLITE_TOOBIG, nil, bytes.count)
                }
                let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
                let status = sqlite3_prepare_v3(database, start, count, flags, &statement, &end)
                return (status, statement, end.map { $0 - start } ?? bytes.count)
            }
        }
        guard status == SQLITE_OK else {
            throw control.interruption()?.inStatement(text)
                ?? SQLiteErrors.last(database, code: status, statement: text)
        }
        guard let statement else { throw Self.emptyStatement(text) }
        let prepared = PreparedHandle(statement: statement, text: text)
        guard Self.isBlank(text, from: tail) else { throw Self.severalStatements(text, at: tail) }
        prepared.isInUse = true
        cache.insert(prepared)
        return prepared
    }

    private static func isBlank(_ text: String, from offset: Int) -> Bool {
        guard offset < text.utf8.count else { return true }
        let rest = String(decoding: text.utf8.dropFirst(offset), as: UTF8.self)
        return StatementSplitter.split(rest, dialect: .sqlite).isEmpty
    }

    private static func emptyStatement(_ text: String) -> DatabaseError {
        DatabaseError(
            .programming,
            .syntaxError,
            "The statement is empty.",
            sqlState: "42601",
            engine: SQLiteDriver.engineName
        ).inStatement(text)
    }

    private static func severalStatements(_ text: String, at offset: Int) -> DatabaseError {
        let position = String(decoding: text.utf8.prefix(offset), as: UTF8.self).count + 1
        return DatabaseError(
            .programming,
            .invalidStatement,
            "The text holds more than one statement; only one can be run at a time.",
            hint: "Split a script with StatementSplitter, or run it with roost query -f.",
            sqlState: "42601",
            engine: SQLiteDriver.engineName
        ).inStatement(text, position: position)
    }

    @inline(__always)
    func start(_ statement: Statement, _ options: ExecutionOptions) throws(DatabaseError) -> PreparedHandle {
        let prepared = try prepare(statement.text)
        do throws(DatabaseError) {
            guard prepared.parameterCount == statement.parameters.count else {
                throw DatabaseError(
                    .programming,
                    .parameterMismatch,
                    "The statement has \(prepared.parameterCount) parameters, but \(statement.parameters.count) values were given.",
                    hint: "Give one value per placeholder.",
                    sqlState: "07001",
                    engine: SQLiteDriver.engineName
                )
            }
            let binding = ParameterBinding(statement: prepared.statement)
            var index: Int32 = 1
            for value in statement.parameters {
                try binding.bind(value, at: index)
                index += 1
            }
        } catch {
            prepared.reset()
            throw error.inStatement(statement.text)
        }
        let timeout = options.timeout ?? configuration.common.statementTimeout
        control.begin(deadline: timeout.map { ContinuousClock.now + $0 }, timeout: timeout)
        return prepared
    }

    /// Steps until `batchBytes` are filled; true at the end of the rows, when the statement is reset.
    func fill(
        _ builder: inout RowBatchBuilder,
        from prepared: PreparedHandle,
        batchBytes: Int
    ) throws(DatabaseError) -> Bool {
        let statement = prepared.statement
        let plans = prepared.plans
        while builder.byteCount < batchBytes {
            let status = sqlite3_step(statement)
            guard status == SQLITE_ROW else {
                if status == SQLITE_DONE { return true }
                throw failure(status, prepared)
            }
            var column: Int32 = 0
            for plan in plans {
                builder.append(statement, column: column, plan: plan)
                column += 1
            }
            try builder.endRow()
        }
        return false
    }

    func failure(_ status: Int32, _ prepared: PreparedHandle) -> DatabaseError {
        let database = sqlite3_db_handle(prepared.statement)
        let error =
            (status & 0xFF == SQLITE_INTERRUPT || status & 0xFF == SQLITE_BUSY ? control.interruption() : nil)
            ?? SQLiteErrors.last(database, code: status)
        return error.inStatement(prepared.text)
    }

    func summary(of prepared: PreparedHandle) -> ExecutionSummary {
        guard let handle, prepared.changesRows else { return ExecutionSummary() }
        let affected = Int(sqlite3_changes64(handle.pointer))
        return ExecutionSummary(
            rowsAffected: affected,
            lastInsertID: prepared.insertsRows && affected > 0 ? .int(sqlite3_last_insert_rowid(handle.pointer)) : nil
        )
    }

    public func describe(_ template: Statement) async throws(DatabaseError) -> StatementDescription {
        let prepared = try prepare(template.text)
        defer { prepared.reset() }
        return StatementDescription(
            parameterCount: prepared.parameterCount,
            columns: prepared.columns,
            isReadOnly: prepared.isReadOnly
        )
    }

    /// SQLite has no stored procedures.
    public func call(_ procedure: String, _ arguments: [Value]) async throws(DatabaseError) -> sending ResultSet {
        throw DatabaseError(
            .notSupported,
            .notSupported,
            "SQLite has no stored procedures.",
            hint: "Register a function with createFunction and select it.",
            sqlState: "0A000",
            engine: SQLiteDriver.engineName
        )
    }
}
