public import Roost

/// What a pipeline's engine is given by who runs it: connections, secrets, embedded databases.
public struct PipelineEnvironment: Sendable {
    /// Opens a connection by its name.
    public var connect: @Sendable (_ name: String) async throws(DatabaseError) -> any Connection
    /// Opens an embedded database: the file at a path, made where it is missing; one in memory for nil.
    public var embedded: @Sendable (_ path: String?) async throws(DatabaseError) -> any Connection
    /// Gives a secret of a pipeline.
    public var secret: @Sendable (_ pipeline: String, _ name: String) throws(DatabaseError) -> Secret
    /// Where large sets of rows are put for a while.
    public var temporaryFolder: String

    /// An environment.
    public init(
        temporaryFolder: String,
        connect: @escaping @Sendable (String) async throws(DatabaseError) -> any Connection,
        embedded: @escaping @Sendable (String?) async throws(DatabaseError) -> any Connection,
        secret: @escaping @Sendable (String, String) throws(DatabaseError) -> Secret
    ) {
        self.temporaryFolder = temporaryFolder
        self.connect = connect
        self.embedded = embedded
        self.secret = secret
    }
}
