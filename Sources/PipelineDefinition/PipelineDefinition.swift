/// What a pipeline does, apart from whatever carries it out: where rows come from, what becomes of them, where they go, what has to hold.
///
/// It is a plain value. ``PipelinePlan`` puts it in order with the parameters of a run; an engine executes that.
public struct PipelineDefinition: Sendable, Hashable, Codable {
    /// Its name.
    public var name: String
    /// What it is for.
    public var description: String?
    /// When it is due; nil for whenever someone runs it.
    public var schedule: PipelineSchedule?
    /// The pipelines that have to be done before.
    public var dependencies: [String] = []
    /// What a run may set.
    public var parameters: [Parameter] = []
    /// The names of the secrets that column rules refer to. What they are is kept elsewhere.
    public var secrets: [String] = []
    /// What becomes of rows that do not fit.
    public var contract = PipelineContract()
    /// Where rejected rows are told of.
    public var rejects = Rejects()
    /// What is done.
    public var steps: [StepDefinition] = []
    /// The file it was read from, and the line it begins at.
    public var origin: Origin?

    /// A pipeline without steps.
    public init(name: String) { self.name = name }

    /// A name that texts of SQL refer to as `:name`, and paths as `{name}`.
    public struct Parameter: Sendable, Hashable, Codable {
        /// The name.
        public var name: String
        /// The value where a run sets none; nil when it has to.
        public var defaultValue: String?
        /// What it is for.
        public var description: String?

        /// A parameter.
        public init(_ name: String, defaultValue: String? = nil, description: String? = nil) {
            self.name = name
            self.defaultValue = defaultValue
            self.description = description
        }
    }

    /// What becomes of rejected rows.
    public struct Rejects: Sendable, Hashable, Codable {
        /// The file that gets a line of JSON for each; nil for none.
        public var file: String?
        /// More than so many end the run with nothing of the step published; nil for no limit.
        public var limit: Int?
        /// Whether the lines hold the rows' values. They are those of the source, not masked.
        public var includesValues = false

        /// No file and no limit.
        public init() {}
    }

    /// Where a definition stands.
    public struct Origin: Sendable, Hashable, Codable {
        /// The file.
        public var file: String
        /// The line, from 1.
        public var line: Int?

        /// A place.
        public init(file: String, line: Int?) {
            self.file = file
            self.line = line
        }
    }
}

/// What may change of what is known of a target, and what becomes of rows that do not fit.
public struct PipelineContract: Sendable, Hashable, Codable {
    /// What is done about something that does not fit.
    public enum Rule: String, Sendable, Hashable, Codable, CaseIterable {
        /// The target follows.
        case evolve
        /// The run ends with nothing of the step published.
        case freeze
        /// The row is left out and told of.
        case discardRow = "discard_row"
        /// The value is left out and told of; the row has `NULL` there.
        case discardValue = "discard_value"
    }

    /// For a table that is not there: ``Rule/evolve`` makes it, ``Rule/freeze`` ends the run.
    public var tables = Rule.evolve
    /// For a column that the table has not: ``Rule/evolve`` adds it, ``Rule/discardValue`` leaves it out, ``Rule/discardRow`` leaves out
    /// the rows that have something in it.
    public var columns = Rule.freeze
    /// For a value that is none of its column's type. ``Rule/evolve`` widens the column's type where the source's is wider.
    public var types = Rule.freeze

    /// Tables are made, everything else has to fit.
    public init() {}
}
