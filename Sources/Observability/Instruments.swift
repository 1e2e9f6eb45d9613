import CoreMetrics
import Roost

/// The metrics of one ``DatabaseTelemetry``: made once, since making one looks it up by all of its labels.
final class Instruments: Sendable {
    /// What one statement is measured by.
    struct Statement: Sendable {
        let duration: Recorder
        let rows: Recorder
        let errors: Counter?
    }

    private struct Key: Hashable {
        var fingerprint: UInt64
        var database: DatabaseFacts
        var condition: String?
    }

    private struct State {
        var fingerprints: Set<UInt64> = []
        var statements: [Key: Statement] = [:]
        var counters: [String: Counter] = [:]
    }

    let used: Recorder
    let idle: Recorder
    let pending: Recorder
    let maximum: Recorder
    let wait: Recorder
    let create: Recorder
    let timeouts: Counter
    private let factory: any MetricsFactory
    private let state = Locked(State())

    init(poolName: String, factory: any MetricsFactory) {
        self.factory = factory
        let pool = [(SemanticNames.poolName, poolName)]
        func gauge(_ name: String, _ labels: [(String, String)] = []) -> Recorder {
            Recorder(label: name, dimensions: pool + labels, aggregate: false, factory: factory)
        }
        func histogram(_ name: String) -> Recorder {
            Recorder(label: name, dimensions: pool, aggregate: true, factory: factory)
        }
        used = gauge(SemanticNames.connectionCount, [(SemanticNames.connectionState, "used")])
        idle = gauge(SemanticNames.connectionCount, [(SemanticNames.connectionState, "idle")])
        pending = gauge(SemanticNames.pendingRequests)
        maximum = gauge(SemanticNames.connectionMaximum)
        wait = histogram(SemanticNames.waitTime)
        create = histogram(SemanticNames.createTime)
        timeouts = Counter(label: SemanticNames.connectionTimeouts, dimensions: pool, factory: factory)
    }

    /// The instruments for a statement and how it ended.
    func statement(_ statement: ObservedStatement, _ condition: DatabaseError.Condition?, limit: Int) -> Statement {
        state.withLock { state in
            var fingerprint: StatementFingerprint? = statement.fingerprint
            if !state.fingerprints.contains(statement.fingerprint.id) {
                if state.fingerprints.count < limit {
                    state.fingerprints.insert(statement.fingerprint.id)
                } else {
                    fingerprint = nil
                }
            }
            let key = Key(
                fingerprint: fingerprint?.id ?? 0,
                database: statement.database,
                condition: condition?.rawValue
            )
            if let known = state.statements[key] { return known }
            let made = make(statement.database, fingerprint, condition)
            state.statements[key] = made
            return made
        }
    }

    private func make(
        _ database: DatabaseFacts,
        _ fingerprint: StatementFingerprint?,
        _ condition: DatabaseError.Condition?
    ) -> Statement {
        var labels = [
            (SemanticNames.system, SemanticNames.system(of: database.driverName)),
            (SemanticNames.operation, fingerprint?.operation ?? "other"),
            (SemanticNames.summary, fingerprint?.summary ?? "other"),
            (SemanticNames.fingerprint, fingerprint?.name ?? "other"),
        ]
        if let namespace = database.namespace { labels.append((SemanticNames.namespace, namespace)) }
        if let address = database.serverAddress { labels.append((SemanticNames.serverAddress, address)) }
        if let port = database.serverPort { labels.append((SemanticNames.serverPort, String(port))) }
        let rows = Recorder(
            label: SemanticNames.returnedRowsMetric,
            dimensions: labels,
            aggregate: true,
            factory: factory
        )
        var errors: Counter?
        if let condition {
            let label = (SemanticNames.errorType, condition.rawValue)
            errors = Counter(label: SemanticNames.errors, dimensions: [labels[0], label], factory: factory)
            labels.append(label)
        }
        let duration = Recorder(
            label: SemanticNames.operationDuration,
            dimensions: labels,
            aggregate: true,
            factory: factory
        )
        return Statement(duration: duration, rows: rows, errors: errors)
    }

    /// A counter that is seldom needed.
    func counter(_ label: String, _ dimensions: [(String, String)]) -> Counter {
        let key = ([label] + dimensions.map { "\($0)=\($1)" }).joined(separator: ";")
        return state.withLock { state in
            if let known = state.counters[key] { return known }
            let made = Counter(label: label, dimensions: dimensions, factory: factory)
            state.counters[key] = made
            return made
        }
    }
}
