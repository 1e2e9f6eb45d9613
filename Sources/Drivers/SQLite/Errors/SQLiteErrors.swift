import CSQLite
import Roost

/// Turns SQLite's result codes into ``DatabaseError``: the extended code decides.
enum SQLiteErrors {
    /// The error the connection reported last.
    static func last(_ database: OpaquePointer?, code: Int32, statement: String? = nil) -> DatabaseError {
        let extended = database.map { sqlite3_extended_errcode($0) } ?? code
        let effective = extended == SQLITE_OK ? code : extended
        let message = database.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? text(of: effective)
        var error = make(code: effective, message: message)
        if let statement {
            var position: Int?
            if let database {
                let offset = sqlite3_error_offset(database)
                if offset >= 0 {
                    let prefix = String(decoding: statement.utf8.prefix(Int(offset)), as: UTF8.self)
                    position = prefix.count + 1
                }
            }
            error = error.inStatement(statement, position: position)
        }
        return error
    }

    static func text(of code: Int32) -> String {
        sqlite3_errstr(code).map { String(cString: $0) } ?? "unknown error"
    }

    /// An error for a code and SQLite's message.
    static func make(code: Int32, message: String) -> DatabaseError {
        let facts = facts(code: code, message: message)
        var error = DatabaseError(
            facts.category,
            facts.condition,
            facts.message ?? message,
            hint: facts.hint,
            sqlState: facts.sqlState,
            nativeCode: Int(code),
            engine: SQLiteDriver.engineName
        )
        if code & 0xFF == SQLITE_CONSTRAINT {
            let (table, columns, constraint) = subject(of: message)
            error = error.concerning(table: table, column: columns, constraint: constraint)
        }
        return error
    }

    private struct Facts {
        var category: DatabaseError.Category
        var condition: DatabaseError.Condition
        var sqlState: String?
        var hint: String?
        var message: String?
    }

    private static func facts(code: Int32, message: String) -> Facts {
        switch code {
        case SQLITE_CONSTRAINT | (8 << 8), SQLITE_CONSTRAINT | (6 << 8), SQLITE_CONSTRAINT | (10 << 8):
            return Facts(category: .integrity, condition: .uniqueViolation, sqlState: "23505")
        case SQLITE_CONSTRAINT | (3 << 8):
            return Facts(
                category: .integrity,
                condition: .foreignKeyViolation,
                sqlState: "23503",
                hint: "A referenced row is missing, or a row to be removed is still referenced."
            )
        case SQLITE_CONSTRAINT | (5 << 8):
            return Facts(category: .integrity, condition: .notNullViolation, sqlState: "23502")
        case SQLITE_CONSTRAINT | (1 << 8):
            return Facts(category: .integrity, condition: .checkViolation, sqlState: "23514")
        case SQLITE_CONSTRAINT | (12 << 8):
            return Facts(category: .data, condition: .typeMismatch, sqlState: "42804")
        case SQLITE_READONLY | (5 << 8):
            return Facts(
                category: .operational,
                condition: .readOnly,
                sqlState: "25006",
                hint: "The directory of the file cannot be written."
            )
        case SQLITE_BUSY | (2 << 8):
            return Facts(
                category: .operational,
                condition: .serializationFailure,
                sqlState: "40001",
                hint: "Another connection wrote after this transaction had read; run the transaction again."
            )
        default:
            return primaryFacts(code: code, message: message)
        }
    }

    private static func primaryFacts(code: Int32, message: String) -> Facts {
        switch code & 0xFF {
        case SQLITE_CONSTRAINT:
            return Facts(category: .integrity, condition: .constraintViolation, sqlState: "23000")
        case SQLITE_BUSY, SQLITE_LOCKED:
            return Facts(
                category: .operational,
                condition: .lockTimeout,
                sqlState: "55P03",
                hint: "Another connection holds the lock. Keep write transactions short, or raise lock_timeout."
            )
        case SQLITE_READONLY:
            return Facts(category: .operational, condition: .readOnly, sqlState: "25006")
        case SQLITE_FULL:
            return Facts(
                category: .operational,
                condition: .diskFull,
                sqlState: "53100",
                hint: "Free space where the file lies; nothing was written."
            )
        case SQLITE_NOMEM:
            return Facts(category: .operational, condition: .outOfMemory, sqlState: "53200")
        case SQLITE_CORRUPT:
            return Facts(
                category: .operational,
                condition: .corrupted,
                sqlState: "XX001",
                hint: "The file is damaged. Keep a copy, then restore a backup or salvage it with sqlite3's .recover."
            )
        case SQLITE_NOTADB:
            return Facts(
                category: .operational,
                condition: .notADatabase,
                sqlState: "08001",
                hint: "The file exists but is not an SQLite database, or it is encrypted."
            )
        case SQLITE_CANTOPEN:
            return Facts(category: .operational, condition: .cannotConnect, sqlState: "08001")
        case SQLITE_IOERR:
            return Facts(category: .operational, condition: .ioError, sqlState: "58030")
        case SQLITE_INTERRUPT:
            return Facts(
                category: .operational,
                condition: .cancelled,
                sqlState: "57014",
                message: "The statement was cancelled."
            )
        case SQLITE_TOOBIG:
            return Facts(category: .data, condition: .valueTooLong, sqlState: "22001")
        case SQLITE_MISMATCH:
            return Facts(category: .data, condition: .typeMismatch, sqlState: "42804")
        case SQLITE_RANGE:
            return Facts(category: .programming, condition: .parameterMismatch, sqlState: "07001")
        case SQLITE_AUTH, SQLITE_PERM:
            return Facts(category: .operational, condition: .insufficientPrivilege, sqlState: "42501")
        case SQLITE_MISUSE:
            return Facts(category: .interface, condition: .misuse)
        case SQLITE_SCHEMA:
            return Facts(category: .operational, condition: .serializationFailure, sqlState: "40001")
        case SQLITE_ERROR:
            return statementFacts(message)
        default:
            return Facts(category: .internal, condition: .other)
        }
    }

    /// `SQLITE_ERROR` covers everything that is wrong with a statement; only the words tell what.
    private static func statementFacts(_ message: String) -> Facts {
        let rules: [(String, DatabaseError.Condition, String)] = [
            ("syntax error", .syntaxError, "42601"),
            ("incomplete input", .syntaxError, "42601"),
            ("unrecognized token", .syntaxError, "42601"),
            ("no such table", .undefinedTable, "42P01"),
            ("no such view", .undefinedTable, "42P01"),
            ("no such column", .undefinedColumn, "42703"),
            ("has no column named", .undefinedColumn, "42703"),
            ("no such function", .undefinedFunction, "42883"),
            ("wrong number of arguments to function", .undefinedFunction, "42883"),
            ("no such savepoint", .invalidSavepoint, "3B001"),
            ("no such collation", .undefinedObject, "42704"),
            ("no such index", .undefinedObject, "42704"),
            ("no such trigger", .undefinedObject, "42704"),
            ("no such module", .undefinedObject, "42704"),
            ("no such database", .undefinedDatabase, "3D000"),
            ("unknown database", .undefinedDatabase, "3D000"),
            ("already exists", .duplicateObject, "42P07"),
            ("ambiguous column name", .ambiguousName, "42702"),
            ("integer overflow", .valueOutOfRange, "22003"),
            ("cannot start a transaction within a transaction", .invalidTransactionState, "25001"),
            ("no transaction is active", .invalidTransactionState, "25000"),
            ("malformed JSON", .malformedValue, "22P02"),
        ]
        for (words, condition, state) in rules where message.contains(words) {
            let isData = state.hasPrefix("22")
            return Facts(category: isData ? .data : .programming, condition: condition, sqlState: state)
        }
        return Facts(category: .programming, condition: .invalidStatement, sqlState: "42000")
    }

    /// What `UNIQUE constraint failed: t.a, t.b` and its siblings name.
    private static func subject(of message: String) -> (table: String?, columns: String?, constraint: String?) {
        guard let range = message.range(of: "failed: ") else { return (nil, nil, nil) }
        let names = message[range.upperBound...].split(separator: ", ").map(String.init)
        if message.hasPrefix("CHECK") { return (nil, nil, names.joined(separator: ", ")) }
        let pairs = names.map { $0.split(separator: ".", maxSplits: 1).map(String.init) }
        guard pairs.allSatisfy({ $0.count == 2 }) else { return (nil, nil, names.joined(separator: ", ")) }
        return (pairs.first?.first, pairs.map { $0[1] }.joined(separator: ", "), nil)
    }
}

extension String {
    fileprivate func range(of words: String) -> Range<String.Index>? {
        ranges(of: words).first
    }
}
