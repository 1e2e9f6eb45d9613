/// The one error type of every driver.
///
/// It says what failed and why, what to try next, and carries the facts a program branches on: ``category-swift.property`` (the
/// PEP 249 tree), ``condition-swift.property`` (what a program would react to), the engine's own codes, and the constraint, table,
/// column or position concerned. It never holds a parameter value, a password or a whole URL; ``description`` is safe to log.
public struct DatabaseError: Error, Sendable {
    /// The PEP 249 exception tree.
    public enum Category: String, Sendable, Hashable, CaseIterable {
        /// The library was used wrongly: a closed connection, a result read twice.
        case interface
        /// A value does not fit: out of range, malformed, of another type.
        case data
        /// The server, the network, a resource or a time-out; often not the program's fault.
        case operational
        /// A constraint was violated.
        case integrity
        /// The engine or the protocol contradicts itself.
        case `internal`
        /// The statement is wrong: syntax, unknown names, the number of parameters.
        case programming
        /// The engine cannot do this.
        case notSupported
    }

    /// What happened, in a vocabulary shared by all engines. New conditions may be added.
    public struct Condition: RawRepresentable, Sendable, Hashable {
        /// The name in lower camel case.
        public let rawValue: String

        /// A condition by name; drivers may add conditions of their own.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    // A class keeps the error one word wide, so that a typed throw costs the success path nothing.
    private final class Storage: Sendable {
        let details: Details
        init(_ details: Details) { self.details = details }
    }

    /// Everything known of the failure.
    struct Details: Sendable {
        var category: Category
        var condition: Condition
        var message: String
        var hint: String?
        var sqlState: String?
        var nativeCode: Int?
        var engine: String?
        var constraint: String?
        var schema: String?
        var table: String?
        var column: String?
        var position: Int?
        var statement: String?
        var isRetryable: Bool?
        var underlying: (any Error)?
        var rollbackError: (any Error)?
    }

    private var storage: Storage

    /// An error of the given kind. `message` must not contain parameter values or secrets.
    public init(
        _ category: Category,
        _ condition: Condition,
        _ message: String,
        hint: String? = nil,
        sqlState: String? = nil,
        nativeCode: Int? = nil,
        engine: String? = nil,
        underlying: (any Error)? = nil
    ) {
        storage = Storage(
            Details(
                category: category,
                condition: condition,
                message: message,
                hint: hint,
                sqlState: sqlState,
                nativeCode: nativeCode,
                engine: engine,
                underlying: underlying
            )
        )
    }

    private func modified(_ change: (inout Details) -> Void) -> DatabaseError {
        var details = storage.details
        change(&details)
        var copy = self
        copy.storage = Storage(details)
        return copy
    }
}

extension DatabaseError {
    /// Which branch of the PEP 249 tree this is.
    public var category: Category { storage.details.category }
    /// What happened, in the vocabulary shared by all engines.
    public var condition: Condition { storage.details.condition }
    /// What failed and why: the engine's own words where there are any.
    public var message: String { storage.details.message }
    /// What to try next.
    public var hint: String? { storage.details.hint }
    /// The five characters of SQLSTATE: the engine's own, or the standard's nearest where the engine has none.
    public var sqlState: String? { storage.details.sqlState }
    /// The engine's own error number.
    public var nativeCode: Int? { storage.details.nativeCode }
    /// The engine that reported it, as in ``Driver/name``.
    public var engine: String? { storage.details.engine }
    /// The constraint concerned, where the engine says.
    public var constraint: String? { storage.details.constraint }
    /// The schema concerned, where the engine says.
    public var schema: String? { storage.details.schema }
    /// The table concerned, where the engine says.
    public var table: String? { storage.details.table }
    /// The column concerned, where the engine says. Several are separated by a comma.
    public var column: String? { storage.details.column }
    /// Where in the statement's text, in characters counted from 1.
    public var position: Int? { storage.details.position }
    /// The text of the statement, without parameter values.
    public var statement: String? { storage.details.statement }
    /// The error behind this one, where another library reported it.
    public var underlying: (any Error)? { storage.details.underlying }
    /// What went wrong while the transaction was rolled back after this error.
    public var rollbackError: (any Error)? { storage.details.rollbackError }

    /// Whether the same work may succeed when tried again: a deadlock, a serialization failure, a lost connection.
    public var isRetryable: Bool {
        storage.details.isRetryable ?? condition.isRetryableByDefault
    }
}

extension DatabaseError {
    /// This error with the text of the statement that caused it.
    public func inStatement(_ text: String, position: Int? = nil) -> DatabaseError {
        modified {
            $0.statement = text
            if let position { $0.position = position }
        }
    }

    /// This error with the database objects it concerns; nil leaves what is known.
    public func concerning(
        schema: String? = nil,
        table: String? = nil,
        column: String? = nil,
        constraint: String? = nil
    ) -> DatabaseError {
        modified {
            $0.schema = schema ?? $0.schema
            $0.table = table ?? $0.table
            $0.column = column ?? $0.column
            $0.constraint = constraint ?? $0.constraint
        }
    }

    /// This error with another answer to ``isRetryable``.
    public func retryable(_ isRetryable: Bool) -> DatabaseError {
        modified { $0.isRetryable = isRetryable }
    }

    /// This error as another engine's: of two that share a driver.
    public func reported(by engine: String) -> DatabaseError {
        modified { $0.engine = engine }
    }

    /// This error with advice on what to try next.
    public func hinting(_ hint: String) -> DatabaseError {
        modified { $0.hint = hint }
    }

    /// This error with what the rollback that followed it threw.
    public func withRollbackError(_ error: any Error) -> DatabaseError {
        modified { $0.rollbackError = error }
    }
}
