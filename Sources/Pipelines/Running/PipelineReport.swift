public import Roost

/// What came of a run of a pipeline.
public struct PipelineReport: Sendable, Codable {
    /// How a run or a step ended.
    public enum Status: String, Sendable, Hashable, Codable {
        case running, succeeded, failed
        /// Nothing was done, since something before failed.
        case skipped
    }

    /// What came of a step.
    public struct Step: Sendable, Codable {
        /// The step.
        public var name: String
        /// How it ended.
        public var status: Status
        /// Whether it was published before the run was interrupted.
        public var wasPublishedBefore = false
        /// Rows that were read from the source.
        public var rowsRead = 0
        /// Rows that were published.
        public var rowsWritten = 0
        /// Rows and values that were left out.
        public var rowsRejected = 0
        /// Bytes of the rows, as they are in memory.
        public var bytes = 0
        /// How long it took.
        public var seconds = 0.0
        /// How far an incremental step has read.
        public var watermark: String?
        /// What was found by its checks.
        public var checks: [CheckResult] = []
        /// Why it failed.
        public var error: String?

        init(name: String, status: Status) {
            self.name = name
            self.status = status
        }
    }

    /// The run.
    public var runID: String
    /// The pipeline.
    public var pipeline: String
    /// How it ended.
    public var status: Status
    /// When it began, in UTC.
    public var startedAt: String
    /// How long it took.
    public var seconds = 0.0
    /// What its parameters were.
    public var parameters: [String: String]
    /// What came of its steps.
    public var steps: [Step] = []
    /// What ended it; not part of its JSON.
    public var error: DatabaseError?

    private enum CodingKeys: String, CodingKey {
        case runID = "run_id"
        case pipeline, status
        case startedAt = "started_at"
        case seconds, parameters, steps
    }

    init(runID: String, pipeline: String, startedAt: String, parameters: [String: String]) {
        self.runID = runID
        self.pipeline = pipeline
        status = .running
        self.startedAt = startedAt
        self.parameters = parameters
    }

    /// Whether something was published.
    public var isPartlyDone: Bool { steps.contains { $0.status == .succeeded } }
}

extension PipelineReport.Step {
    private enum CodingKeys: String, CodingKey {
        case name, status
        case wasPublishedBefore = "was_published_before"
        case rowsRead = "rows_read"
        case rowsWritten = "rows_written"
        case rowsRejected = "rows_rejected"
        case bytes, seconds, watermark, checks, error
    }
}
