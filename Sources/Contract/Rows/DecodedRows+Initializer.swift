extension ResultSet {
    /// Makes a value of each row from an initializer or function, whose parameters say the types of the columns by position:
    ///
    /// ```swift
    /// struct Customer { var id: Int; var name: String; var email: String? }
    /// let customers = try await rows.map(Customer.init, limit: 1_000)
    /// ```
    ///
    /// Called from code that is isolated to no actor, it runs `make` on the connection's thread where there is one, which is SQLite.
    ///
    /// - Throws: `programming.tooManyRows` when there are more than `limit`, and what decoding and `make` throw.
    @inlinable
    public func map<each T: DatabaseDecodable, R>(
        _ make: (repeat each T) throws -> R,
        limit: FetchLimit
    ) async throws -> [R] {
        try await nearSource { try await mapHere(make, limit) }
    }

    @inlinable
    func mapHere<each T: DatabaseDecodable, R>(
        _ make: (repeat each T) throws -> R,
        _ limit: FetchLimit
    ) async throws -> [R] {
        var elements: [R] = []
        let maximum = limit.maximum
        while try await advance() {
            while position.pointee.remaining > 0 {
                guard elements.count < maximum else {
                    close()
                    throw FetchLimit.exceeded(maximum)
                }
                let row = try decodeNext(TupleDecoding<repeat each T>.self, order: nil)
                elements.append(try make(repeat each row))
            }
        }
        if limit == .unbounded { fetchedUnbounded(elements.count) }
        return elements
    }
}
