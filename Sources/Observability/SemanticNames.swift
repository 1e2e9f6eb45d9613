import Roost

/// Names of OpenTelemetry's semantic conventions for databases
/// (https://opentelemetry.io/docs/specs/semconv/database/), and Roost's own where there are none.
enum SemanticNames {
    static let system = "db.system.name"
    static let namespace = "db.namespace"
    static let operation = "db.operation.name"
    static let batchSize = "db.operation.batch.size"
    static let summary = "db.query.summary"
    static let text = "db.query.text"
    static let returnedRows = "db.response.returned_rows"
    static let responseStatus = "db.response.status_code"
    static let errorType = "error.type"
    static let serverAddress = "server.address"
    static let serverPort = "server.port"
    static let poolName = "db.client.connection.pool.name"
    static let connectionState = "db.client.connection.state"
    static let codeFile = "code.file.path"
    static let codeLine = "code.line.number"
    static let fingerprint = "roost.query.fingerprint"
    static let affectedRows = "roost.response.affected_rows"

    static let operationDuration = "db.client.operation.duration"
    static let returnedRowsMetric = "db.client.response.returned_rows"
    static let connectionCount = "db.client.connection.count"
    static let connectionMaximum = "db.client.connection.max"
    static let pendingRequests = "db.client.connection.pending_requests"
    static let connectionTimeouts = "db.client.connection.timeouts"
    static let createTime = "db.client.connection.create_time"
    static let waitTime = "db.client.connection.wait_time"
    static let connectionsClosed = "roost.connections.closed"
    static let connectionsLeaked = "roost.connections.leaked"
    static let retries = "roost.transaction.retries"
    static let errors = "roost.errors"
    static let findings = "roost.guard.findings"

    /// The well-known value of `db.system.name` for a driver.
    static func system(of driverName: String) -> String {
        switch driverName {
        case "sqlserver": "microsoft.sql_server"
        case "oracle": "oracle.db"
        case "db2": "ibm.db2"
        default: driverName
        }
    }
}
