/// One statement of a pipeline, and what is made of its result; a ``Pipeline`` makes them.
public struct PipelineStep<Output> {
    let statement: Statement
    let finish: (ResultSet) async throws -> Output
}

/// Makes the statements of a pipeline; see ``Connection/pipeline(fileID:line:_:)``.
public struct Pipeline: Sendable {
    /// A statement run to its end.
    public func execute(_ statement: Statement) -> PipelineStep<ExecutionSummary> {
        PipelineStep(statement: statement) { try await $0.drain() }
    }

    /// The one value of a statement that returns one row.
    public func one<T: DatabaseDecodable>(_ statement: Statement, as type: T.Type) -> PipelineStep<T> {
        PipelineStep(statement: statement) { try await $0.decode(type).fetchOnly() }
    }

    /// The one row of a statement that returns one.
    public func one<T: RowDecodable>(_ statement: Statement, as type: T.Type) -> PipelineStep<T> {
        PipelineStep(statement: statement) { try await $0.decode(type).fetchOnly() }
    }

    /// The first column of a statement's rows.
    public func all<T: DatabaseDecodable>(
        _ statement: Statement,
        as type: T.Type,
        limit: FetchLimit
    ) -> PipelineStep<[T]> {
        PipelineStep(statement: statement) { try await $0.decode(type).fetchAll(limit: limit) }
    }

    /// The rows of a statement, decoded into a type.
    public func all<T: RowDecodable>(
        _ statement: Statement,
        as type: T.Type,
        limit: FetchLimit
    ) -> PipelineStep<[T]> {
        PipelineStep(statement: statement) { try await $0.decode(type).fetchAll(limit: limit) }
    }

    /// A statement whose result `body` reads.
    public func read<T>(
        _ statement: Statement,
        _ body: @escaping (ResultSet) async throws -> T
    ) -> PipelineStep<T> {
        PipelineStep(statement: statement, finish: body)
    }
}

/// A connection that can send statements before the ones ahead of them are answered.
public protocol PipeliningConnection: Connection {
    /// Sends all of them at once; each result is awaited by itself.
    ///
    /// - Returns: one request for each statement, in order.
    nonisolated func send(_ statements: [Statement], options: ExecutionOptions) -> [any PipelinedRequest]
}

/// A statement that was sent. Released without having been asked for its result, it is ended.
public protocol PipelinedRequest: Sendable {
    /// Waits for the first rows. To be called once.
    func result() async throws(DatabaseError) -> sending ResultSet
}

extension Connection {
    /// Sends several statements in one go and reads their results in order: one round trip for all of them, where the engine can
    /// (``Capabilities/Feature/pipelining``); one after the other elsewhere.
    ///
    /// ```swift
    /// let (total, names, changed) = try await connection.pipeline { pipeline in
    ///     (
    ///         pipeline.one("select count(*) from customer", as: Int.self),
    ///         pipeline.all("select name from customer order by id", as: String.self, limit: 100),
    ///         pipeline.execute("update customer set seen = true where id = \(id)")
    ///     )
    /// }
    /// ```
    ///
    /// Outside a transaction each statement commits by itself, and one that fails does not keep the others from running.
    ///
    /// - Throws: the first error, once all statements have ended.
    public nonisolated func pipeline<each Output>(
        fileID: String = #fileID,
        line: Int = #line,
        _ body: (Pipeline) throws -> (repeat PipelineStep<each Output>)
    ) async throws -> (repeat each Output) {
        let step = try body(Pipeline())
        var statements: [Statement] = []
        repeat statements.append((each step).statement)
        let options = ExecutionOptions.at(fileID, line)
        let requests = (self as? any PipeliningConnection)?.send(statements, options: options)
        var position = 0
        let results = (repeat await outcome(of: each step, requests, at: &position, options))
        return (repeat try (each results).get())
    }

    private nonisolated func outcome<Output>(
        of step: PipelineStep<Output>,
        _ requests: [any PipelinedRequest]?,
        at position: inout Int,
        _ options: ExecutionOptions
    ) async -> Result<Output, any Error> {
        defer { position += 1 }
        do {
            if let requests, requests.indices.contains(position) {
                return .success(try await step.finish(try await requests[position].result()))
            }
            return .success(try await step.finish(try await query(step.statement, options: options)))
        } catch {
            return .failure(error)
        }
    }
}
