import Roost

/// What a pipeline's steps published into a target and how far they read: a table there, written in the same transaction as the rows
/// it vouches for. Where the MySQL family replaces a table, which no transaction holds, it follows at once; such a step, which has no
/// watermark, can be done again.
struct PublishedState: Sendable {
    static let table = "roost_pipeline_state"

    /// What is known of a step.
    struct Entry: Sendable {
        var runID: String
        var rows: Int
        /// How far the source was read, of an incremental step.
        var watermark: Value?
    }

    let target: any Connection
    let pipeline: String
    let step: String
    /// Another table begins from the start.
    let targetTable: String

    private var name: String { target.dialect.quoted(Self.table) }

    /// Makes the table where it is missing.
    func prepare() async throws(DatabaseError) {
        try await target.execute(
            Statement(
                unsafe:
                    "CREATE TABLE IF NOT EXISTS \(name) (pipeline varchar(60) NOT NULL, step varchar(60) NOT NULL, target_table varchar(190) NOT NULL, run_id varchar(60) NOT NULL, published_at varchar(40) NOT NULL, published_rows bigint NOT NULL, watermark_kind varchar(20) NULL, watermark varchar(400) NULL, PRIMARY KEY (pipeline, step))"
            )
        )
    }

    /// What was published last; nil for nothing.
    func last() async throws(DatabaseError) -> Entry? {
        let rows = try await target.query(
            """
            select run_id, published_rows, watermark_kind, watermark from \(unsafe: name)
            where pipeline = \(pipeline) and step = \(step) and target_table = \(targetTable)
            """
        ).fetchAll(limit: 1)
        guard let values = rows.first?.values else { return nil }
        var entry = Entry(runID: values[0].text ?? "", rows: Int(values[1].text ?? "") ?? 0)
        if let kind = values[2].text, let text = values[3].text {
            guard let value = Value(watermark: text, kind: kind) else {
                throw DatabaseError(
                    .data,
                    .malformedValue,
                    "What \(Self.table) says of the step \(step) cannot be read.",
                    hint: "Run the pipeline with --full to read everything again."
                )
            }
            entry.watermark = value
        }
        return entry
    }

    /// What notes a publication.
    func noting(_ entry: Entry, at time: Instant) -> [Statement] {
        let kind = entry.watermark.map(\.watermarkKind) ?? nil
        let text = entry.watermark.map(\.text) ?? nil
        return [
            "delete from \(unsafe: name) where pipeline = \(pipeline) and step = \(step)",
            """
            insert into \(unsafe: name)
            (pipeline, step, target_table, run_id, published_at, published_rows, watermark_kind, watermark)
            values (\(pipeline), \(step), \(targetTable), \(entry.runID), \(time.description), \(entry.rows), \(kind), \(text))
            """,
        ]
    }
}

extension Value {
    private static let watermarkKinds: [ValueKind: String] = [
        .int: "integer", .uint: "unsigned", .decimal: "decimal", .double: "double", .text: "text", .date: "date",
        .timestamp: "timestamp", .timestampTZ: "timestamptz",
    ]

    /// What kind of cursor it is; nil for what is none.
    var watermarkKind: String? { Self.watermarkKinds[kind] }

    /// A cursor as it was noted.
    init?(watermark text: String, kind name: String) {
        guard let kind = Self.watermarkKinds.first(where: { $0.value == name })?.key else { return nil }
        let cast: ColumnType =
            switch kind {
            case .uint: .integer(bits: 64, isUnsigned: true)
            default: ColumnType(kind)
            }
        guard case .value(let value) = ValueCast(type: cast)(.text(text)) else { return nil }
        self = value
    }

    /// A cursor further back: by so much of a number, or by a span of a time. What would be before the first is the first.
    ///
    /// - Parameter seconds: the span, as ``PipelineSpan`` reads it: at most a hundred years.
    func earlier(by lookback: String, seconds: Int?) -> Value? {
        if let seconds {
            switch self {
            case .timestamp(var time):
                if time.isFinite { time.microsecondsSinceEpoch.subtractClamping(Int64(seconds) * 1_000_000) }
                return .timestamp(time)
            case .timestampTZ(var time):
                if time.isFinite { time.microsecondsSinceEpoch.subtractClamping(Int64(seconds) * 1_000_000) }
                return .timestampTZ(time)
            case .date(let date):
                guard date.isFinite else { return self }
                let days = Int(date.daysSinceEpoch) - (seconds + 86_399) / 86_400
                return .date(LocalDate(daysSinceEpoch: Int32(clamping: days)))
            case .text(let text):
                // SQLite keeps times as texts.
                if let time = LocalDateTime(text) {
                    let moved = Value.timestamp(time).earlier(by: lookback, seconds: seconds)?.text
                    // As the text separates date and time.
                    return moved.map {
                        .text(text.contains("T") ? $0.replacing(" ", with: "T") : $0.replacing("T", with: " "))
                    }
                }
                if let date = LocalDate(text) {
                    return Value.date(date).earlier(by: lookback, seconds: seconds)?.text.map(Value.text)
                }
                return nil
            default: return nil
            }
        }
        guard case .int(var number) = self, let count = Int64(lookback), count >= 0 else { return nil }
        number.subtractClamping(count)
        return .int(number)
    }
}

extension Int64 {
    /// Takes away a number that is not negative; the least there is where the result would be less.
    fileprivate mutating func subtractClamping(_ count: Int64) {
        let (difference, overflow) = subtractingReportingOverflow(count)
        self = overflow ? .min : difference
    }
}
