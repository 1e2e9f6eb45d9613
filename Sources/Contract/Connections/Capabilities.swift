/// What a driver and its engine can do. The conformance suite gates its behaviours by it, and so may applications.
public struct Capabilities: Sendable, Hashable {
    /// One thing an engine can or cannot do.
    public enum Feature: String, Sendable, Hashable, CaseIterable {
        /// Transactions that roll back.
        case transactions
        /// `SAVEPOINT`, and so nested transactions.
        case savepoints
        /// DDL takes part in transactions.
        case transactionalDDL
        /// Transactions that refuse writes.
        case readOnlyTransactions
        /// A transaction survives a failed statement without a savepoint.
        case statementLevelRollback
        /// ``Connection/executeBatch(_:rows:options:)`` outside a transaction is done whole or not at all.
        case atomicBatches
        /// Two-phase commit.
        case twoPhaseCommit
        /// `RETURNING` or its like.
        case returning
        /// Stored procedures by ``Connection/call(_:_:)``.
        case storedProcedures
        /// Several result sets from one statement.
        case multipleResultSets
        /// Cursors that move both ways.
        case scrollableCursors
        /// Foreign keys are enforced.
        case foreignKeys
        /// `CHECK` constraints are enforced.
        case checkConstraints
        /// A cancelled task ends the statement in the engine.
        case cancellation
        /// Statement time-outs end the statement in the engine.
        case statementTimeouts
        /// Lock time-outs.
        case lockTimeouts
        /// Asynchronous notifications.
        case notifications
        /// Notices beside results.
        case notices
        /// ``ExecutionSummary/lastInsertID``.
        case lastInsertID
        /// Requests in flight at once on one connection.
        case pipelining
        /// Array values.
        case arrays
        /// Unsigned integers above the signed range.
        case unsignedIntegers
        /// NaN and the infinities as floating-point values.
        case floatingPointSpecials
        /// A boolean type of its own.
        case nativeBooleans
        /// A `NUL` character inside text.
        case embeddedNULInText
        /// Common table expressions that call themselves.
        case recursiveQueries
        /// Window functions.
        case windowFunctions
    }

    /// What the engine can do.
    public var features: Set<Feature>
    /// The most parameters one statement may have; nil when there is no limit.
    public var maximumParameters: Int?
    /// The isolation levels a transaction may ask for.
    public var isolationLevels: Set<IsolationLevel>

    /// Capabilities from their parts.
    public init(
        features: Set<Feature>,
        maximumParameters: Int? = nil,
        isolationLevels: Set<IsolationLevel> = []
    ) {
        self.features = features
        self.maximumParameters = maximumParameters
        self.isolationLevels = isolationLevels
    }

    /// Whether the engine has this feature.
    public func has(_ feature: Feature) -> Bool {
        features.contains(feature)
    }
}
