import Roost
import Synchronization
import Testing

private final class Collector: DatabaseObserver {
    let texts = Mutex<[String]>([])

    func statementBegan(_ statement: ObservedStatement) -> (any Sendable)? {
        texts.withLock { $0.append(statement.fingerprint.text) }
        return nil
    }

    func statementEnded(_ statement: ObservedStatement, _ outcome: StatementOutcome, token: (any Sendable)?) {}
}

struct ObservedFingerprintTests {
    /// Where double quotes are strings, a quoted name is still a name, and statements over other names are others.
    @Test func quotedNamesAreNamesOnEveryEngine() throws {
        let dialect = Dialect(
            name: "backticks",
            identifierOpen: "`",
            identifierClose: "`",
            lexicon: [.backtickIdentifiers, .doubleQuotedStrings]
        )
        let collector = Collector()
        var configuration = try ConnectionConfiguration("sqlite::memory:")
        configuration.observer = collector
        let facts = DatabaseFacts(driverName: "backticks")
        let observation = try #require(ConnectionObservation(configuration, database: facts, dialect: dialect))
        for name in ["city", "name"] {
            _ = observation.begin("select \(identifier: name) from t where x = \"text\" and y = \(1)", .standard)
        }
        let texts = collector.texts.withLock { $0 }
        #expect(texts == ["select `city` from t where x = ? and y = ?", "select `name` from t where x = ? and y = ?"])
    }
}
