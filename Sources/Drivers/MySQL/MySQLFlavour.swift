public import Roost

/// Which server it is: alike on the wire, different in what they can do.
public enum MySQLFlavour: String, Sendable, Hashable, CaseIterable {
    case mysql, mariadb

    /// How statements are written.
    public var dialect: Dialect { self == .mysql ? .mysql : .mariadb }

    /// What the server can do.
    public var capabilities: Capabilities {
        var features: Set<Capabilities.Feature> = [
            .transactions, .savepoints, .readOnlyTransactions, .statementLevelRollback, .twoPhaseCommit,
            .storedProcedures,
            .multipleResultSets, .foreignKeys, .checkConstraints, .cancellation, .statementTimeouts, .lockTimeouts,
            .lastInsertID, .unsignedIntegers, .embeddedNULInText, .recursiveQueries, .windowFunctions,
        ]
        if self == .mariadb { features.insert(.returning) }
        return Capabilities(
            features: features,
            maximumParameters: 65_535,
            isolationLevels: [.readUncommitted, .readCommitted, .repeatableRead, .serializable]
        )
    }
}

extension Dialect {
    private static let lexicon: Lexicon = [
        .backslashEscapes, .backtickIdentifiers, .hashComments, .doubleQuotedStrings, .compoundStatements,
    ]

    /// MySQL: `?` placeholders, identifiers in backticks, strings in either quotes with backslash escapes.
    public static let mysql = Dialect(name: "mysql", identifierOpen: "`", identifierClose: "`", lexicon: lexicon)
    /// MariaDB, which is written as MySQL is.
    public static let mariadb = Dialect(name: "mariadb", identifierOpen: "`", identifierClose: "`", lexicon: lexicon)
}
