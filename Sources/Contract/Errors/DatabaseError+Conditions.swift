extension DatabaseError.Condition {
    // Integrity.
    /// A unique or primary key already holds this value (SQLSTATE 23505).
    public static let uniqueViolation = Self(rawValue: "uniqueViolation")
    /// A referenced row is missing, or a row is still referenced (23503).
    public static let foreignKeyViolation = Self(rawValue: "foreignKeyViolation")
    /// A mandatory column was given no value (23502).
    public static let notNullViolation = Self(rawValue: "notNullViolation")
    /// A `CHECK` constraint refused the row (23514).
    public static let checkViolation = Self(rawValue: "checkViolation")
    /// An exclusion constraint refused the row (23P01).
    public static let exclusionViolation = Self(rawValue: "exclusionViolation")
    /// Another constraint was violated (23000).
    public static let constraintViolation = Self(rawValue: "constraintViolation")

    // Transactions and locks.
    /// Concurrent transactions cannot be ordered; run the transaction again (40001).
    public static let serializationFailure = Self(rawValue: "serializationFailure")
    /// Transactions wait for each other; this one was chosen to end (40P01).
    public static let deadlock = Self(rawValue: "deadlock")
    /// A lock was not granted in time (55P03).
    public static let lockTimeout = Self(rawValue: "lockTimeout")
    /// The statement needs a transaction, or none may be open (25000).
    public static let invalidTransactionState = Self(rawValue: "invalidTransactionState")
    /// An earlier error left the transaction unusable until it is rolled back (25P02).
    public static let transactionAborted = Self(rawValue: "transactionAborted")
    /// A write in a read-only transaction, connection or file (25006).
    public static let readOnly = Self(rawValue: "readOnly")
    /// The savepoint does not exist (3B001).
    public static let invalidSavepoint = Self(rawValue: "invalidSavepoint")

    // Time and cancellation.
    /// The time allowed for it ran out (57014).
    public static let timeout = Self(rawValue: "timeout")
    /// The caller cancelled it (57014).
    public static let cancelled = Self(rawValue: "cancelled")

    // Connections and resources.
    /// No connection could be made (08001).
    public static let cannotConnect = Self(rawValue: "cannotConnect")
    /// An open connection broke (08006).
    public static let connectionLost = Self(rawValue: "connectionLost")
    /// The connection or database is closed (08003).
    public static let connectionClosed = Self(rawValue: "connectionClosed")
    /// The login was refused (28000, 28P01).
    public static let authenticationFailed = Self(rawValue: "authenticationFailed")
    /// The connection could not be secured: no TLS, or a certificate that does not hold (08001).
    public static let tlsFailed = Self(rawValue: "tlsFailed")
    /// The server has no connection to spare (53300).
    public static let tooManyConnections = Self(rawValue: "tooManyConnections")
    /// No pooled connection came free in time.
    public static let poolTimeout = Self(rawValue: "poolTimeout")
    /// The disk is full (53100).
    public static let diskFull = Self(rawValue: "diskFull")
    /// Memory ran out (53200).
    public static let outOfMemory = Self(rawValue: "outOfMemory")
    /// Reading or writing storage failed (58030).
    public static let ioError = Self(rawValue: "ioError")
    /// Stored data is damaged (XX001).
    public static let corrupted = Self(rawValue: "corrupted")
    /// The file or server is not of this engine.
    public static let notADatabase = Self(rawValue: "notADatabase")

    // Statements.
    /// The statement cannot be parsed (42601).
    public static let syntaxError = Self(rawValue: "syntaxError")
    /// No such table or view (42P01).
    public static let undefinedTable = Self(rawValue: "undefinedTable")
    /// No such column (42703).
    public static let undefinedColumn = Self(rawValue: "undefinedColumn")
    /// No such function or procedure (42883).
    public static let undefinedFunction = Self(rawValue: "undefinedFunction")
    /// No such database, schema or catalogue (3D000).
    public static let undefinedDatabase = Self(rawValue: "undefinedDatabase")
    /// Another object of the engine does not exist (42704).
    public static let undefinedObject = Self(rawValue: "undefinedObject")
    /// The object exists already (42P07).
    public static let duplicateObject = Self(rawValue: "duplicateObject")
    /// A name could mean several things (42702).
    public static let ambiguousName = Self(rawValue: "ambiguousName")
    /// The login lacks the privilege (42501).
    public static let insufficientPrivilege = Self(rawValue: "insufficientPrivilege")
    /// Too few, too many or unknown parameters (07001).
    public static let parameterMismatch = Self(rawValue: "parameterMismatch")
    /// A statement that returns rows was expected, or the reverse.
    public static let unexpectedResult = Self(rawValue: "unexpectedResult")
    /// The statement is refused for another reason of its own (42000).
    public static let invalidStatement = Self(rawValue: "invalidStatement")

    // Data.
    /// A number or date does not fit (22003, 22008).
    public static let valueOutOfRange = Self(rawValue: "valueOutOfRange")
    /// A value is of another type than was asked for (22018, 42804).
    public static let typeMismatch = Self(rawValue: "typeMismatch")
    /// `NULL` where a value was asked for (22002).
    public static let unexpectedNull = Self(rawValue: "unexpectedNull")
    /// The text of a value cannot be read as its type (22007, 22P02).
    public static let malformedValue = Self(rawValue: "malformedValue")
    /// The value is longer than allowed (22001).
    public static let valueTooLong = Self(rawValue: "valueTooLong")
    /// Division by zero (22012).
    public static let divisionByZero = Self(rawValue: "divisionByZero")
    /// No such column in the result.
    public static let missingColumn = Self(rawValue: "missingColumn")
    /// The result holds more rows than the limit allows.
    public static let tooManyRows = Self(rawValue: "tooManyRows")
    /// The result holds no row where one was asked for (02000).
    public static let noRow = Self(rawValue: "noRow")

    // The rest.
    /// The engine or this driver cannot do this (0A000).
    public static let notSupported = Self(rawValue: "notSupported")
    /// The peer broke its protocol (08P01).
    public static let protocolViolation = Self(rawValue: "protocolViolation")
    /// A URL, option or setting is wrong.
    public static let invalidConfiguration = Self(rawValue: "invalidConfiguration")
    /// The library was called in a way it cannot serve.
    public static let misuse = Self(rawValue: "misuse")
    /// A runtime guard found what it looks out for, and is set to fail (tests).
    public static let guardViolation = Self(rawValue: "guardViolation")
    /// A function of the application failed inside the engine (38000).
    public static let userFunctionFailed = Self(rawValue: "userFunctionFailed")
    /// Anything else.
    public static let other = Self(rawValue: "other")
}

extension DatabaseError.Condition {
    /// Conditions after which the same work, tried again from the start of its transaction, may succeed.
    var isRetryableByDefault: Bool {
        switch self {
        case .serializationFailure, .deadlock, .lockTimeout, .connectionLost, .tooManyConnections, .poolTimeout,
            .cannotConnect:
            true
        default:
            false
        }
    }
}

extension DatabaseError.Condition: CustomStringConvertible {
    public var description: String { rawValue }
}
