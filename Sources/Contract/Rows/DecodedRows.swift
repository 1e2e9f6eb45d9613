/// How ``DecodedRows`` makes its elements. Two types conform: one for ``RowDecodable`` types and one for tuples.
public protocol RowDecoding {
    /// What a row becomes.
    associatedtype Output
    /// The columns read by name; nil reads by position.
    static var columnNames: [String]? { get }
    /// Reads one row.
    static func decode(_ row: inout RowReader) throws(DatabaseError) -> Output
}

/// Decodes rows into a ``RowDecodable`` type.
public enum TypeDecoding<Output: RowDecodable>: RowDecoding {
    /// The type's own columns.
    @inlinable
    public static var columnNames: [String]? { Output.columnNames }

    /// Reads one row.
    @inlinable
    @inline(__always)
    public static func decode(_ row: inout RowReader) throws(DatabaseError) -> Output {
        try Output(from: &row)
    }
}

/// Decodes the first column of each row.
public enum ScalarDecoding<Output: DatabaseDecodable>: RowDecoding {
    /// nil: by position.
    @inlinable
    public static var columnNames: [String]? { nil }

    /// Reads one row.
    @inlinable
    @inline(__always)
    public static func decode(_ row: inout RowReader) throws(DatabaseError) -> Output {
        try row.next()
    }
}

/// Decodes rows into tuples, by position.
public struct TupleDecoding<each T: DatabaseDecodable>: RowDecoding {
    /// nil: by position.
    @inlinable
    public static var columnNames: [String]? { nil }

    /// Reads one row.
    @inlinable
    @inline(__always)
    public static func decode(_ row: inout RowReader) throws(DatabaseError) -> (repeat each T) {
        (repeat try row.next((each T).self))
    }
}

/// The rows of a result, each decoded straight from the batch.
///
/// Iterating suspends once a batch, about every thousand rows, and allocates nothing itself.
public struct DecodedRows<Decoding: RowDecoding, Element>: AsyncSequence where Decoding.Output == Element {
    public typealias Failure = DatabaseError

    @usableFromInline let results: ResultSet

    @inlinable
    init(_ results: ResultSet) {
        self.results = results
    }

    /// Decodes row by row.
    public struct AsyncIterator: AsyncIteratorProtocol {
        @usableFromInline let results: ResultSet
        @usableFromInline var order: ColumnOrder?

        @inlinable
        init(_ results: ResultSet) {
            self.results = results
        }

        /// The next row, decoded; nil at the end.
        @inlinable
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(DatabaseError) -> Element? {
            if results.position.pointee.remaining == 0 {
                guard try await results.advance(isolation: actor) else { return nil }
            }
            if order == nil { order = try ColumnOrder(Decoding.columnNames, in: results.columns) }
            return try results.decodeNext(Decoding.self, order: order?.indices)
        }

        /// The next row, decoded; nil at the end.
        @inlinable
        public mutating func next() async throws(DatabaseError) -> Element? {
            try await next(isolation: #isolation)
        }
    }

    /// Goes on from the result's current position.
    @inlinable
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(results)
    }
}

extension DecodedRows {
    /// All further rows, decoded in one tight loop per batch: the fastest way to an array.
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`; the result is ended then.
    @inlinable
    public func fetchAll(limit: FetchLimit) async throws(DatabaseError) -> [Element] {
        try await results.nearSource { () async throws(DatabaseError) in try await fetchHere(limit) }
    }

    @inlinable
    func fetchHere(_ limit: FetchLimit) async throws(DatabaseError) -> [Element] {
        var elements: [Element] = []
        let maximum = limit.maximum
        var order: ColumnOrder?
        while try await results.advance() {
            let known: ColumnOrder
            if let order { known = order } else { known = try ColumnOrder(Decoding.columnNames, in: results.columns) }
            order = known
            while results.position.pointee.remaining > 0 {
                guard elements.count < maximum else {
                    results.close()
                    throw FetchLimit.exceeded(maximum)
                }
                elements.append(try results.decodeNext(Decoding.self, order: known.indices))
            }
        }
        if limit == .unbounded { results.fetchedUnbounded(elements.count) }
        return elements
    }

    /// Calls `body` with each further row, in one tight loop per batch: a little less work than `for try await`, which could
    /// suspend at every row. Called from code that is isolated to no actor, it runs `body` on the connection's thread where there is
    /// one, which is SQLite.
    @inlinable
    public func forEach(_ body: (Element) throws -> Void) async throws {
        try await results.nearSource { try await forEachHere(body) }
    }

    @inlinable
    func forEachHere(_ body: (Element) throws -> Void) async throws {
        var order: ColumnOrder?
        while try await results.advance() {
            let known: ColumnOrder
            if let order { known = order } else { known = try ColumnOrder(Decoding.columnNames, in: results.columns) }
            order = known
            while results.position.pointee.remaining > 0 {
                try body(try results.decodeNext(Decoding.self, order: known.indices))
            }
        }
    }

    /// The next row, decoded, or nil at the end.
    @inlinable
    public func fetchOne() async throws(DatabaseError) -> Element? {
        guard try await results.advance() else { return nil }
        let order = try ColumnOrder(Decoding.columnNames, in: results.columns)
        return try results.decodeNext(Decoding.self, order: order.indices)
    }

    /// The one row there is.
    ///
    /// - Throws: `data.noRow` when there is none, `programming.tooManyRows` when there are several.
    @inlinable
    public func fetchOnly() async throws(DatabaseError) -> Element {
        guard let element = try await fetchOne() else {
            throw DatabaseError(
                .data,
                .noRow,
                "The statement returned no row where one was asked for.",
                sqlState: "02000"
            )
        }
        guard try await !results.advance() else {
            results.close()
            throw FetchLimit.exceeded(1)
        }
        return element
    }
}

extension ResultSet {
    /// Decodes rows into a type: `for try await customer in rows.decode(Customer.self)`.
    @inlinable
    public func decode<T: RowDecodable>(_ type: T.Type) -> DecodedRows<TypeDecoding<T>, T> {
        DecodedRows(self)
    }

    /// Decodes the first column of each row: `for try await name in rows.decode(String.self)`.
    @inlinable
    public func decode<T: DatabaseDecodable>(_ type: T.Type) -> DecodedRows<ScalarDecoding<T>, T> {
        DecodedRows(self)
    }

    /// Decodes rows into tuples by position: `for try await (id, name) in rows.decode((Int, String?).self)`.
    @inlinable
    public func decode<each T: DatabaseDecodable>(
        _ type: (repeat each T).Type
    ) -> DecodedRows<TupleDecoding<repeat each T>, (repeat each T)> {
        DecodedRows(self)
    }

    /// Decodes the row at hand and passes over it, also when it cannot be decoded.
    @inlinable
    @inline(__always)
    func decodeNext<D: RowDecoding>(_ type: D.Type, order: [Int]?) throws(DatabaseError) -> D.Output {
        let current = position.pointee
        guard let cells = current.cells, let heap = current.heap, let columns = current.columns else {
            throw DatabaseError(.internal, .misuse, "No row is at hand.")
        }
        skip(1)
        guard let order else {
            var reader = RowReader(cells: cells, heap: heap, columns: columns, width: current.width, order: nil)
            return try D.decode(&reader)
        }
        return try order.withUnsafeBufferPointer { (order) throws(DatabaseError) -> D.Output in
            var reader = RowReader(
                cells: cells,
                heap: heap,
                columns: columns,
                width: order.count,
                order: order.baseAddress
            )
            return try D.decode(&reader)
        }
    }
}
