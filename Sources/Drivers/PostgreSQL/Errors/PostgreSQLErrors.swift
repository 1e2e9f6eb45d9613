import Roost

/// Turns what the server reports into errors of the contract.
enum PostgreSQLErrors {
    static let engine = "postgresql"

    /// The end of a transaction that had failed, which the server reports as no error.
    static func rolledBackInstead(of wanted: String) -> DatabaseError {
        DatabaseError(
            .operational,
            .transactionAborted,
            "The transaction had failed and was rolled back instead of \(wanted).",
            hint: "Let the error that failed it end the transaction, or use a savepoint around what may fail.",
            sqlState: "25P02",
            engine: engine
        )
    }

    /// The error of an `ErrorResponse`.
    ///
    /// The detail of an integrity violation repeats the offending values, so it is left out; constraint, table and column say
    /// enough. Details of other classes explain, and are kept.
    static func error(_ message: ServerMessage) -> DatabaseError {
        let (category, condition) = kind(message.sqlState)
        var text = sentence(message.message)
        if let detail = message.detail, mayShowDetail(message.sqlState) { text += " " + sentence(detail) }
        if let line = copyLine(message.context) { text += " It is in line \(line) of the copied data." }
        return DatabaseError(
            category,
            condition,
            text,
            hint: message.hint.map(sentence) ?? hint(condition),
            sqlState: message.sqlState.isEmpty ? nil : message.sqlState,
            engine: engine
        ).concerning(
            schema: message.schema,
            table: message.table,
            column: message.column,
            constraint: message.constraint
        )
    }

    static func notice(_ message: ServerMessage) -> Notice {
        Notice(severity: message.severity, code: message.sqlState, message: message.message)
    }

    /// What the peer did against the protocol.
    static func violation(_ what: String) -> DatabaseError {
        DatabaseError(
            .internal,
            .protocolViolation,
            "The server broke the PostgreSQL protocol: \(what).",
            hint: "Is it really PostgreSQL that listens there?",
            sqlState: "08P01",
            engine: engine
        )
    }

    static var closed: DatabaseError {
        DatabaseError(
            .interface,
            .connectionClosed,
            "The connection is closed.",
            hint: "Open a new one; a connection cannot be used after close().",
            sqlState: "08003",
            engine: engine
        )
    }

    static var cancelled: DatabaseError {
        DatabaseError(.operational, .cancelled, "The statement was cancelled.", sqlState: "57014", engine: engine)
    }

    static func timeout(_ allowed: Duration?) -> DatabaseError {
        DatabaseError(
            .operational,
            .timeout,
            "The statement took longer than \(allowed.map { "\($0)" } ?? "allowed") and was ended.",
            hint: "Look at its plan, or allow it more with statement_timeout.",
            sqlState: "57014",
            engine: engine
        )
    }

    private static func sentence(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return "The server gave no reason." }
        var result = text
        // Names keep their case: only a plain lower-case word begins a sentence.
        if first.value &- 0x61 < 26, text.prefix(while: { $0 != " " }).allSatisfy({ $0.isLowercase }) {
            result = text.prefix(1).uppercased() + text.dropFirst()
        }
        if let last = result.unicodeScalars.last, !".!?".unicodeScalars.contains(last) { result += "." }
        return result
    }

    /// The line a COPY stumbled over. The rest of the context shows the data.
    private static func copyLine(_ context: String?) -> Int? {
        guard let context, context.hasPrefix("COPY "), let range = context.range(ofWord: "line ") else { return nil }
        return Int(context[range...].prefix { $0.isNumber })
    }

    private static func mayShowDetail(_ state: String) -> Bool {
        !(state.hasPrefix("23") || state.hasPrefix("22"))
    }

    private static func hint(_ condition: DatabaseError.Condition) -> String? {
        switch condition {
        case .transactionAborted: "Roll back, or use a savepoint around what may fail."
        case .tooManyConnections: "Use a pool, raise max_connections, or put a pooler in front of the server."
        case .authenticationFailed: "Check user, password and the server's pg_hba.conf."
        default: nil
        }
    }

    /// Category and condition of a SQLSTATE (PostgreSQL documentation, "PostgreSQL Error Codes").
    static func kind(_ state: String) -> (DatabaseError.Category, DatabaseError.Condition) {
        if let known = states[state] { return known }
        switch state.prefix(2) {
        case "08": return (.operational, .connectionLost)
        case "0A": return (.notSupported, .notSupported)
        case "22": return (.data, .malformedValue)
        case "23": return (.integrity, .constraintViolation)
        case "25", "2D", "3B": return (.programming, .invalidTransactionState)
        case "28": return (.operational, .authenticationFailed)
        case "38", "39": return (.programming, .userFunctionFailed)
        case "40": return (.operational, .serializationFailure)
        case "42": return (.programming, .invalidStatement)
        case "53": return (.operational, .outOfMemory)
        case "54": return (.programming, .invalidStatement)
        case "55": return (.operational, .other)
        case "57": return (.operational, .connectionLost)
        case "58": return (.operational, .ioError)
        case "P0": return (.programming, .userFunctionFailed)
        case "XX": return (.internal, .other)
        default: return (.programming, .other)
        }
    }

    private static let states: [String: (DatabaseError.Category, DatabaseError.Condition)] = [
        "08001": (.operational, .cannotConnect),
        "08003": (.interface, .connectionClosed),
        "08004": (.operational, .authenticationFailed),
        "08P01": (.internal, .protocolViolation),
        "21000": (.programming, .invalidStatement),
        "22001": (.data, .valueTooLong),
        "22002": (.data, .unexpectedNull),
        "22003": (.data, .valueOutOfRange),
        "22008": (.data, .valueOutOfRange),
        "22012": (.data, .divisionByZero),
        "23502": (.integrity, .notNullViolation),
        "23503": (.integrity, .foreignKeyViolation),
        "23505": (.integrity, .uniqueViolation),
        "23514": (.integrity, .checkViolation),
        "23P01": (.integrity, .exclusionViolation),
        "25006": (.operational, .readOnly),
        "25P02": (.operational, .transactionAborted),
        "25P03": (.operational, .timeout),
        "26000": (.programming, .undefinedObject),
        "28000": (.operational, .authenticationFailed),
        "28P01": (.operational, .authenticationFailed),
        "3B001": (.programming, .invalidSavepoint),
        "3D000": (.operational, .undefinedDatabase),
        "3F000": (.programming, .undefinedDatabase),
        "40001": (.operational, .serializationFailure),
        "40P01": (.operational, .deadlock),
        "42501": (.operational, .insufficientPrivilege),
        "42601": (.programming, .syntaxError),
        "42602": (.programming, .syntaxError),
        "42622": (.programming, .syntaxError),
        "42701": (.programming, .duplicateObject),
        "42702": (.programming, .ambiguousName),
        "42703": (.programming, .undefinedColumn),
        "42704": (.programming, .undefinedObject),
        "42710": (.programming, .duplicateObject),
        "42712": (.programming, .duplicateObject),
        "42723": (.programming, .duplicateObject),
        "42725": (.programming, .ambiguousName),
        "42803": (.programming, .invalidStatement),
        "42804": (.programming, .typeMismatch),
        "42846": (.programming, .typeMismatch),
        "42883": (.programming, .undefinedFunction),
        "42P01": (.programming, .undefinedTable),
        "42P02": (.programming, .parameterMismatch),
        "42P04": (.programming, .duplicateObject),
        "42P05": (.programming, .duplicateObject),
        "42P06": (.programming, .duplicateObject),
        "42P07": (.programming, .duplicateObject),
        "42P18": (.programming, .typeMismatch),
        "53100": (.operational, .diskFull),
        "53200": (.operational, .outOfMemory),
        "53300": (.operational, .tooManyConnections),
        "55000": (.operational, .invalidTransactionState),
        "55006": (.operational, .lockTimeout),
        "55P03": (.operational, .lockTimeout),
        "57014": (.operational, .cancelled),
        "57P01": (.operational, .connectionLost),
        "57P02": (.operational, .connectionLost),
        "57P03": (.operational, .cannotConnect),
        "57P04": (.operational, .undefinedDatabase),
        "57P05": (.operational, .connectionLost),
        "58030": (.operational, .ioError),
        "XX001": (.operational, .corrupted),
        "XX002": (.operational, .corrupted),
    ]
}

extension String {
    /// Where the text after the first occurrence of a word begins.
    fileprivate func range(ofWord word: String) -> Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(word) { return index(start, offsetBy: word.count) }
            start = index(after: start)
        }
        return nil
    }
}
