public import Roost

/// What is known of the runs of pipelines: kept in an embedded database.
public struct RunLedger: Sendable {
    private let connection: any Connection

    /// The ledger in a database, whose tables are made where they are missing.
    public init(_ connection: any Connection) async throws(DatabaseError) {
        self.connection = connection
        let statements = [
            "create table if not exists run (run_id text primary key, pipeline text not null, status text not null, started_at text not null, seconds double, parameters text not null, definition text not null, error text)",
            "create index if not exists run_by_pipeline on run (pipeline, started_at)",
            "create table if not exists step (run_id text not null references run on delete cascade, step text not null, position integer not null, status text not null, rows_read integer not null, rows_written integer not null, rows_rejected integer not null, bytes integer not null, seconds double not null, watermark text, error text, primary key (run_id, step))",
            "create table if not exists check_result (run_id text not null references run on delete cascade, step text not null, name text not null, passed boolean not null, warning boolean not null, observed text not null, primary key (run_id, step, name))",
        ]
        for text in statements { try await connection.execute(Statement(unsafe: text)) }
    }

    /// Closes the database.
    public func close() async { await connection.close() }

    /// A run as it was noted.
    public struct Run: Sendable, Hashable {
        /// Its identifier.
        public var runID: String
        /// The pipeline.
        public var pipeline: String
        /// How it ended; `running` for one that did not, or has not yet.
        public var status: String
        /// When it began.
        public var startedAt: String
        /// How long it took.
        public var seconds: Double?
        /// Its parameters.
        public var parameters: [String: String]
        /// A digest of the definition it ran.
        public var definition: String
        /// Why it failed.
        public var error: String?
        /// Rows that its steps published.
        public var rowsWritten: Int
        /// Rows and values that were left out.
        public var rowsRejected: Int
    }

    func begin(_ report: PipelineReport, definition: String) async throws(DatabaseError) {
        let parameters = try JSON(encoding: report.parameters).text
        try await connection.execute(
            """
            insert into run (run_id, pipeline, status, started_at, parameters, definition)
            values (\(report.runID), \(report.pipeline), \("running"), \(report.startedAt), \(parameters), \(definition))
            on conflict (run_id) do update set status = 'running', error = null
            """
        )
    }

    func note(_ step: PipelineReport.Step, at position: Int, of report: PipelineReport) async throws(DatabaseError) {
        try await connection.begin(.readWrite)
        do throws(DatabaseError) {
            let runID = report.runID
            // A step that an interrupted run published keeps what was noted of it then.
            if step.wasPublishedBefore {
                try await connection.execute(
                    """
                    insert into step values (\(runID), \(step.name), \(position), \(step.status.rawValue), 0, \(step.rowsWritten), 0, 0, 0, \(step.watermark), null)
                    on conflict do nothing
                    """
                )
            } else {
                try await connection.execute("delete from step where run_id = \(runID) and step = \(step.name)")
                try await connection.execute("delete from check_result where run_id = \(runID) and step = \(step.name)")
                try await connection.execute(
                    """
                    insert into step values (\(runID), \(step.name), \(position), \(step.status.rawValue), \(step.rowsRead), \(step.rowsWritten),
                    \(step.rowsRejected), \(step.bytes), \(step.seconds), \(step.watermark), \(step.error))
                    """
                )
                for check in step.checks {
                    try await connection.execute(
                        "insert into check_result values (\(runID), \(step.name), \(check.name), \(check.isPassed), \(check.isWarning), \(check.observed))"
                    )
                }
            }
            try await connection.commit()
        } catch {
            try? await connection.rollback()
            throw error
        }
    }

    func end(_ report: PipelineReport) async throws(DatabaseError) {
        try await connection.execute(
            "update run set status = \(report.status.rawValue), seconds = \(report.seconds), error = \(report.error?.message) where run_id = \(report.runID)"
        )
    }

    private static let columns =
        "r.run_id, r.pipeline, r.status, r.started_at, r.seconds, r.parameters, r.definition, r.error, (select coalesce(sum(s.rows_written), 0) from step s where s.run_id = r.run_id), (select coalesce(sum(s.rows_rejected), 0) from step s where s.run_id = r.run_id)"

    private static func run(_ values: [Value]) throws(DatabaseError) -> Run {
        let parameters: [String: String] = try JSON(values[5].text ?? "{}").decode()
        return Run(
            runID: values[0].text ?? "",
            pipeline: values[1].text ?? "",
            status: values[2].text ?? "",
            startedAt: values[3].text ?? "",
            seconds: values[4].text.flatMap(Double.init),
            parameters: parameters,
            definition: values[6].text ?? "",
            error: values[7].text,
            rowsWritten: Int(values[8].text ?? "") ?? 0,
            rowsRejected: Int(values[9].text ?? "") ?? 0
        )
    }

    /// The last runs, the latest first.
    ///
    /// - Parameter pipeline: nil for those of all.
    public func runs(of pipeline: String? = nil, limit: Int = 20) async throws(DatabaseError) -> [Run] {
        let rows = try await connection.query(
            """
            select \(unsafe: Self.columns) from run r where \(pipeline) is null or r.pipeline = \(pipeline)
            order by r.started_at desc, r.run_id desc limit \(limit)
            """
        ).fetchAll(limit: .unbounded)
        var runs: [Run] = []
        for row in rows { runs.append(try Self.run(row.values)) }
        return runs
    }

    /// A run and what came of its steps; nil where there is none.
    public func report(_ runID: String) async throws(DatabaseError) -> PipelineReport? {
        let rows = try await connection.query("select \(unsafe: Self.columns) from run r where r.run_id = \(runID)")
            .fetchAll(limit: 1)
        guard let row = rows.first else { return nil }
        let run = try Self.run(row.values)
        var report = PipelineReport(
            runID: run.runID,
            pipeline: run.pipeline,
            startedAt: run.startedAt,
            parameters: run.parameters
        )
        report.status = PipelineReport.Status(rawValue: run.status) ?? .failed
        report.seconds = run.seconds ?? 0
        let steps = try await connection.query(
            "select step, status, rows_read, rows_written, rows_rejected, bytes, seconds, watermark, error from step where run_id = \(runID) order by position"
        ).fetchAll(limit: .unbounded)
        for row in steps {
            let values = row.values
            func number(_ index: Int) -> Int { Int(values[index].text ?? "") ?? 0 }
            var step = PipelineReport.Step(
                name: values[0].text ?? "",
                status: PipelineReport.Status(rawValue: values[1].text ?? "") ?? .failed
            )
            (step.rowsRead, step.rowsWritten, step.rowsRejected) = (number(2), number(3), number(4))
            step.bytes = number(5)
            step.seconds = Double(values[6].text ?? "") ?? 0
            step.watermark = values[7].text
            step.error = values[8].text
            let checks = try await connection.query(
                "select name, passed, warning, observed from check_result where run_id = \(runID) and step = \(step.name) order by rowid"
            ).fetchAll(limit: .unbounded)
            step.checks = checks.map { row in
                CheckResult(
                    name: row.values[0].text ?? "",
                    isPassed: row.values[1] == .bool(true),
                    isWarning: row.values[2] == .bool(true),
                    observed: row.values[3].text ?? ""
                )
            }
            report.steps.append(step)
        }
        return report
    }
}
