/// What the history table says of one revision.
public struct HistoryEntry: Sendable, Hashable {
    /// Where a revision stands.
    public enum State: String, Sendable, Hashable {
        /// It is applied.
        case applied
        /// It is being applied, or was when its run ended.
        case applying
        /// It is being rolled back, or was when its run ended.
        case reverting
        /// It was rolled back.
        case reverted
    }

    /// The revision's name.
    public var revision: String
    /// In which order revisions were applied, from 1.
    public var sequence: Int64
    /// What it does.
    public var description: String
    /// The checksum of its file when it was applied.
    public var checksum: String
    /// Where it stands.
    public var state: State
    /// Who ran it, and where: `user@host`.
    public var appliedBy: String
    /// When it began, in ISO 8601, UTC.
    public var startedAt: String
    /// How long it took; nil while it is not done, and for what was only stamped.
    public var durationMilliseconds: Int64?
    /// The version of the tool that ran it.
    public var toolVersion: String
    /// How many statements it has.
    public var steps: Int
    /// How many of them are done.
    public var stepsDone: Int
    /// The statement that was begun last, from 1; above ``stepsDone`` while nobody knows whether it took effect.
    public var stepStarted: Int
    /// The checksum of the statements that are done.
    var stepChecksum: String
    /// What the objects of the statement begun last looked like before.
    var stepFingerprint: String

    /// Whether its run did not come to its end.
    public var isDirty: Bool { state == .applying || state == .reverting }
    var direction: Revision.Direction { state == .reverting || state == .reverted ? .down : .up }

    init(_ revision: Revision, state: State, sequence: Int64, by configuration: MigrationConfiguration) {
        self.revision = revision.id
        self.sequence = sequence
        description = String(revision.description.prefix(255))
        checksum = revision.checksum
        self.state = state
        appliedBy = String(configuration.user.prefix(255))
        startedAt = MigrationClock.now()
        toolVersion = String(configuration.toolVersion.prefix(40))
        (steps, stepsDone, stepStarted) = (0, 0, 0)
        (stepChecksum, stepFingerprint) = ("", "")
    }
}
