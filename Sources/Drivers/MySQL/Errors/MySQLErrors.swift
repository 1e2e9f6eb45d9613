import Roost

/// Turns what the server reports into errors of the contract.
enum MySQLErrors {
    /// The driver's name, for errors that come before the server said which of the two it is.
    static let engine = "mysql"

    /// The error of an `ERR_Packet`.
    ///
    /// The server's words are kept, but for values: those of rows and of parameters become `…`, and of a statement that cannot be
    /// parsed one word is shown.
    ///
    /// - Parameters:
    ///   - sqlState: nil where the packet has none, as before the login.
    ///   - engine: `mysql` or `mariadb`. From 4000 on, the two number their errors differently.
    static func error(
        code: UInt16,
        sqlState: String?,
        message: String,
        engine: String = engine
    ) -> DatabaseError {
        let state = sqlState ?? stateBeforeLogin(code)
        let facts = Facts(code: code, state: state, message: message, isMariaDB: isMariaDB(engine))
        let kind = kind(facts)
        let text = MySQLErrorText.safe(facts)
        let subject = MySQLErrorSubject(facts, safeText: text)
        let error = DatabaseError(
            kind.category,
            kind.condition,
            sentence(text),
            hint: hint(facts) ?? hint(kind.condition),
            sqlState: Self.state(of: kind.condition) ?? (state == "HY000" ? nil : state),
            nativeCode: Int(code),
            engine: engine
        ).concerning(
            schema: subject.schema,
            table: subject.table,
            column: subject.column,
            constraint: subject.constraint
        )
        guard let isRetryable = isRetryable(facts) else { return error }
        return error.retryable(isRetryable)
    }

    /// What is known of a failure.
    struct Facts {
        let code: UInt16
        let state: String
        let message: String
        let isMariaDB: Bool
    }

    /// What the peer did against the protocol.
    static func violation(_ what: String, engine: String = engine) -> DatabaseError {
        DatabaseError(
            .internal,
            .protocolViolation,
            "The server broke the MySQL protocol: \(what).",
            hint: "Is it really MySQL or MariaDB that listens there?",
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
        DatabaseError(.operational, .cancelled, "The statement was cancelled.", sqlState: "70100", engine: engine)
    }

    static var fileRefused: DatabaseError {
        DatabaseError(
            .notSupported,
            .notSupported,
            "The server asked for a file of this machine; none is ever given.",
            hint: "Hand the data over with load(into:columns:format:data:).",
            sqlState: "0A000",
            engine: engine
        )
    }

    static func timeout(_ allowed: Duration?) -> DatabaseError {
        DatabaseError(
            .operational,
            .timeout,
            "The statement took longer than \(allowed.map { "\($0)" } ?? "allowed") and was ended.",
            hint: "Look at its plan, or allow it more with statement_timeout.",
            sqlState: "70100",
            engine: engine
        )
    }

    /// Whether the server no longer knows the prepared statement, or wants it prepared again. Nothing was done.
    static func isUnprepared(_ error: DatabaseError) -> Bool {
        error.nativeCode == 1243 || error.nativeCode == 1615
    }

    /// Whether the server closes the connection after this error.
    static func endsConnection(code: UInt16, engine: String = engine) -> Bool {
        switch code {
        case 1040, 1043, 1047, 1053, 1077, 1079, 1080, 1129, 1130, 1152...1161, 1184, 1835, 1873, 1927, 2006, 2013,
            3032, 3168,
            3169:
            true
        case 4031: !isMariaDB(engine)
        default: false
        }
    }

    private static func isMariaDB(_ engine: String) -> Bool { engine.lowercased() == "mariadb" }

    private static func stateBeforeLogin(_ code: UInt16) -> String {
        switch code {
        case 1040: "08004"
        case 1042, 1043, 1053, 1158...1161: "08S01"
        case 1044: "42000"
        case 1045: "28000"
        default: "HY000"
        }
    }

    private static func sentence(_ text: String) -> String {
        guard let last = text.unicodeScalars.last else { return "The server gave no reason." }
        return ".!?。".unicodeScalars.contains(last) ? text : text + "."
    }

    /// Where the condition's usual answer is not the right one.
    private static func isRetryable(_ facts: Facts) -> Bool? {
        switch facts.code {
        // Hosts stay blocked until someone intervenes.
        case 1129, 1130: false
        // Quotas by the hour stay used up; connections come free.
        case 1226: facts.message.contains("max_user_connections")
        // The cluster forms, the statement is prepared anew, other transactions end: the same work may succeed.
        case 1047 where facts.message.contains("WSREP"): true
        case 1615, 1637: true
        default: nil
        }
    }

    private static func hint(_ facts: Facts) -> String? {
        switch facts.code {
        case 1129: "Clear the blockade with FLUSH HOSTS, or raise max_connect_errors."
        case 1153, 1162, 1301: "Raise max_allowed_packet in the server, or send the value in parts."
        case 1206: "Give InnoDB a larger buffer pool, or change fewer rows in a transaction."
        case 1461: "Lower statement_cache_size, or raise max_prepared_stmt_count in the server."
        case 1820, 1862: "Set a new password: ALTER USER … IDENTIFIED BY …"
        case 3159: "Use TLS: sslmode=require, or better verify-full."
        case 1148, 3948, 4166: "The server takes no data of clients: set local_infile = ON there, or use executeMany."
        default: nil
        }
    }

    private static func hint(_ condition: DatabaseError.Condition) -> String? {
        switch condition {
        case .tooManyConnections: "Use a pool, or raise max_connections or the user's own limit."
        case .authenticationFailed: "Check user and password, and from which hosts the account may log in."
        default: nil
        }
    }
}
