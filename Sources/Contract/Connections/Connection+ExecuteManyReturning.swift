extension Connection {
    /// Runs a template with `RETURNING` once for each tuple of parameters, all of them or none, and gives back the first
    /// column of the returned rows.
    ///
    /// ```swift
    /// let ids = try await connection.executeMany(
    ///     "insert into customer (name, city) values (?, ?) returning id",
    ///     [("Ana", "Lisboa"), ("Pat", "Cork")],
    ///     returning: Int.self
    /// )
    /// ```
    ///
    /// Returned rows come in the order of `rows` and are all held in memory; nothing of them is handed out before the transaction
    /// is committed.
    ///
    /// - Parameter limit: the most rows that may be returned, for statements that may return many for one tuple.
    /// - Throws: `programming.tooManyRows` when more than `limit` rows are returned; nothing is changed then.
    public nonisolated func executeMany<each P: DatabaseEncodable, T: DatabaseDecodable>(
        _ template: Statement,
        _ rows: some Sequence<(repeat each P)>,
        returning type: T.Type,
        limit: FetchLimit = .unbounded,
        options: ExecutionOptions = .standard
    ) async throws(DatabaseError) -> [T] {
        var rows = TupleRows<_, repeat each P>(rows)
        return try await executeBatches(
            template,
            width: rows.width,
            options,
            decoding: ScalarDecoding<T>.self,
            limit: limit
        ) {
            (builder, size) throws(DatabaseError) in
            try rows.fill(&builder, until: size)
        }
    }

    /// Runs a template with `RETURNING` once for each tuple of parameters, all of them or none, and gives back the returned rows
    /// as tuples.
    ///
    /// ```swift
    /// let made = try await connection.executeMany(
    ///     "insert into customer (name, city) values (?, ?) returning id, created_at",
    ///     [("Ana", "Lisboa"), ("Pat", "Cork")],
    ///     returning: (Int, Instant).self
    /// )
    /// ```
    ///
    /// Returned rows come in the order of `rows` and are all held in memory; nothing of them is handed out before the transaction
    /// is committed.
    ///
    /// - Parameter limit: the most rows that may be returned, for statements that may return many for one tuple.
    /// - Throws: `programming.tooManyRows` when more than `limit` rows are returned; nothing is changed then.
    public nonisolated func executeMany<each P: DatabaseEncodable, each T: DatabaseDecodable>(
        _ template: Statement,
        _ rows: some Sequence<(repeat each P)>,
        returning type: (repeat each T).Type,
        limit: FetchLimit = .unbounded,
        options: ExecutionOptions = .standard
    ) async throws(DatabaseError) -> [(repeat each T)] {
        var rows = TupleRows<_, repeat each P>(rows)
        return try await executeBatches(
            template,
            width: rows.width,
            options,
            decoding: TupleDecoding<repeat each T>.self,
            limit: limit
        ) {
            (builder, size) throws(DatabaseError) in
            try rows.fill(&builder, until: size)
        }
    }

    /// Runs a template with `RETURNING` once for each tuple of parameters, all of them or none, and gives back the returned rows
    /// as values of a type.
    ///
    /// ```swift
    /// let customers = try await connection.executeMany(
    ///     "insert into customer (name, city) values (?, ?) returning id, name, city",
    ///     [("Ana", "Lisboa"), ("Pat", "Cork")],
    ///     returning: Customer.self
    /// )
    /// ```
    ///
    /// Returned rows come in the order of `rows` and are all held in memory; nothing of them is handed out before the transaction
    /// is committed.
    ///
    /// - Parameter limit: the most rows that may be returned, for statements that may return many for one tuple.
    /// - Throws: `programming.tooManyRows` when more than `limit` rows are returned; nothing is changed then.
    public nonisolated func executeMany<each P: DatabaseEncodable, T: RowDecodable>(
        _ template: Statement,
        _ rows: some Sequence<(repeat each P)>,
        returning type: T.Type,
        limit: FetchLimit = .unbounded,
        options: ExecutionOptions = .standard
    ) async throws(DatabaseError) -> [T] {
        var rows = TupleRows<_, repeat each P>(rows)
        return try await executeBatches(
            template,
            width: rows.width,
            options,
            decoding: TypeDecoding<T>.self,
            limit: limit
        ) {
            (builder, size) throws(DatabaseError) in
            try rows.fill(&builder, until: size)
        }
    }

    /// Runs a template of one parameter with `RETURNING` once for each value, all of them or none, and gives back the first column of the returned rows;
    /// see the form for tuples.
    public nonisolated func executeMany<P: DatabaseEncodable, T: DatabaseDecodable>(
        _ template: Statement,
        _ rows: some Sequence<P>,
        returning type: T.Type,
        limit: FetchLimit = .unbounded,
        options: ExecutionOptions = .standard
    ) async throws(DatabaseError) -> [T] {
        var rows = TupleRows<_, P>(rows)
        return try await executeBatches(template, width: 1, options, decoding: ScalarDecoding<T>.self, limit: limit) {
            (builder, size) throws(DatabaseError) in
            try rows.fill(&builder, until: size)
        }
    }

    /// Runs a template of one parameter with `RETURNING` once for each value, all of them or none, and gives back the returned rows as tuples;
    /// see the form for tuples.
    public nonisolated func executeMany<P: DatabaseEncodable, each T: DatabaseDecodable>(
        _ template: Statement,
        _ rows: some Sequence<P>,
        returning type: (repeat each T).Type,
        limit: FetchLimit = .unbounded,
        options: ExecutionOptions = .standard
    ) async throws(DatabaseError) -> [(repeat each T)] {
        var rows = TupleRows<_, P>(rows)
        return try await executeBatches(
            template,
            width: 1,
            options,
            decoding: TupleDecoding<repeat each T>.self,
            limit: limit
        ) {
            (builder, size) throws(DatabaseError) in
            try rows.fill(&builder, until: size)
        }
    }

    /// Runs a template of one parameter with `RETURNING` once for each value, all of them or none, and gives back the returned rows as values of a type;
    /// see the form for tuples.
    public nonisolated func executeMany<P: DatabaseEncodable, T: RowDecodable>(
        _ template: Statement,
        _ rows: some Sequence<P>,
        returning type: T.Type,
        limit: FetchLimit = .unbounded,
        options: ExecutionOptions = .standard
    ) async throws(DatabaseError) -> [T] {
        var rows = TupleRows<_, P>(rows)
        return try await executeBatches(template, width: 1, options, decoding: TypeDecoding<T>.self, limit: limit) {
            (builder, size) throws(DatabaseError) in
            try rows.fill(&builder, until: size)
        }
    }

    /// Runs the template over one batch after the other, in one transaction, until `fill` returns true, and decodes what they return.
    nonisolated func executeBatches<Decoding: RowDecoding, Element>(
        _ template: Statement,
        width: Int,
        _ options: ExecutionOptions,
        decoding: Decoding.Type,
        limit: FetchLimit,
        _ fill: (inout RowBatchBuilder, Int) throws(DatabaseError) -> Bool
    ) async throws(DatabaseError) -> [Element] where Decoding.Output == Element {
        var builder = RowBatchBuilder(columnCount: width, rowCapacity: 64, heapCapacity: 4_096)
        let token = try await beginBatches()
        do throws(DatabaseError) {
            var elements: [Element] = []
            var isOver = false
            while !isOver {
                isOver = try fill(&builder, options.batchBytes)
                guard builder.rowCount > 0 else { continue }
                let results = try await queryBatch(template, rows: builder.takeBatch(), options: options)
                let returned = try await DecodedRows<Decoding, Element>(results).fetchAll(limit: .unbounded)
                guard returned.count <= limit.maximum - elements.count else { throw FetchLimit.exceeded(limit.maximum) }
                elements += returned
            }
            try await commitBatches(token)
            return elements
        } catch {
            throw await undoBatches(token, after: error)
        }
    }
}
