/// What to look out for while statements run. Findings are logged and told to the observer; in tests they can be errors.
public struct RuntimeGuards: Sendable, Hashable {
    /// What a finding leads to.
    public enum Reaction: Sendable, Hashable {
        /// It is logged and told to the observer.
        case report
        /// That, and the scope in which it happened throws `programming.guardViolation` at its end. For tests.
        case fail
    }

    /// What a finding leads to.
    public var reaction: Reaction
    /// How often the same statement, whatever its values, may run while a connection is lent; nil for any number. More is an N+1
    /// query: a loop that should be a join, or a list of keys.
    public var repeatedStatements: Int?
    /// How many rows `fetchAll(limit: .unbounded)` may bring into memory; nil for any number.
    public var unboundedRows: Int?
    /// How long a transaction may stay open; nil for ever. It keeps locks, and keeps the server from cleaning up.
    public var transactionDuration: Duration?
    /// Whether a transaction that is still open when its connection is given back is a finding.
    public var openTransactions: Bool

    /// Guards with these limits.
    public init(
        reaction: Reaction = .report,
        repeatedStatements: Int? = 50,
        unboundedRows: Int? = 100_000,
        transactionDuration: Duration? = .seconds(60),
        openTransactions: Bool = true
    ) {
        self.reaction = reaction
        self.repeatedStatements = repeatedStatements
        self.unboundedRows = unboundedRows
        self.transactionDuration = transactionDuration
        self.openTransactions = openTransactions
    }

    /// The default limits; findings are reported.
    public static let standard = RuntimeGuards()
    /// Tight limits whose findings are errors: for tests.
    public static let strict = RuntimeGuards(reaction: .fail, repeatedStatements: 10, unboundedRows: 10_000)
}

/// What a guard found.
public struct GuardFinding: Sendable, Hashable {
    /// What kind of thing it is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The same statement ran again and again in one scope.
        case repeatedStatement = "repeated_statement"
        /// A fetch without a limit brought many rows into memory.
        case unboundedFetch = "unbounded_fetch"
        /// A transaction stayed open for long.
        case longTransaction = "long_transaction"
        /// A connection came back with an open transaction, which was rolled back.
        case openTransaction = "open_transaction"
    }

    /// What kind of thing it is.
    public var kind: Kind
    /// What happened and what to do, in a sentence or two.
    public var message: String
    /// Where: who sent the statement, or acquired the connection.
    public var place: SourcePlace?

    /// The finding as an error.
    public var error: DatabaseError {
        let at = place.map { " (at \($0))" } ?? ""
        return DatabaseError(.programming, .guardViolation, message + at)
    }
}
