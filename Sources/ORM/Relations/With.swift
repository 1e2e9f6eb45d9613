public import Roost
public import RoostQuery

/// A model and what was loaded with it: what one has is in the type, and what one has not cannot be asked for.
@dynamicMemberLookup
public struct With<M: Model, Related: Sendable>: Sendable {
    /// The model.
    public var model: M
    /// What its relations led to: of one relation its result, of several a tuple.
    public var related: Related

    /// The model's members.
    public subscript<V>(dynamicMember path: KeyPath<M, V>) -> V { model[keyPath: path] }
}

/// A relation of a model by its result alone.
struct Inclusion<M: Model, R: Sendable>: Sendable {
    let results: @Sendable ([M], any Connection, ExecutionOptions) async throws(DatabaseError) -> [R]

    init<T: Model, E: Sendable>(_ relation: Relation<M, T, E, R>) {
        results = { (models, connection, options) async throws(DatabaseError) in
            try await relation.results(for: models, connection, options)
        }
    }
}

/// Several relations of a model, loaded one after the other.
struct Inclusions<M: Model, each R: Sendable>: Sendable {
    let inclusions: (repeat Inclusion<M, each R>)

    init(_ inclusions: repeat Inclusion<M, each R>) { self.inclusions = (repeat each inclusions) }

    func attach(
        _ models: [M],
        _ connection: any Connection,
        _ options: ExecutionOptions
    ) async throws(DatabaseError) -> [With<M, (repeat each R)>] {
        let results = (repeat try await (each inclusions).results(models, connection, options))
        var attached: [With<M, (repeat each R)>] = []
        // Without models the relations say nothing.
        guard !models.isEmpty else { return attached }
        attached.reserveCapacity(models.count)
        for index in models.indices {
            attached.append(With(model: models[index], related: (repeat (each results)[index])))
        }
        return attached
    }
}

/// A query of models, and what is loaded with them.
public struct IncludingQuery<M: Model, Related: Sendable>: Sendable {
    let select: Select<M>
    let attach: @Sendable ([M], any Connection, ExecutionOptions) async throws(DatabaseError) -> [With<M, Related>]
}

extension Select where Output: Model {
    /// Loads related rows with the models, in one statement for each relation.
    public func including<each T: Model, each E: Sendable, each R: Sendable>(
        _ relations: repeat Relation<Output, each T, each E, each R>
    ) -> IncludingQuery<Output, (repeat each R)> {
        let inclusions = Inclusions(repeat Inclusion(each relations))
        return IncludingQuery(select: self) { (models, connection, options) async throws(DatabaseError) in
            try await inclusions.attach(models, connection, options)
        }
    }
}

extension Relation where Element == Target, Result == [Target] {
    /// Loads what the related rows are related to in turn.
    public func including<each T: Model, each E: Sendable, each R: Sendable>(
        _ relations: repeat Relation<Target, each T, each E, each R>
    ) -> Relation<Source, Target, With<Target, (repeat each R)>, [With<Target, (repeat each R)>]> {
        let inclusions = Inclusions(repeat Inclusion(each relations))
        let load = load
        var other = Relation<Source, Target, With<Target, (repeat each R)>, [With<Target, (repeat each R)>]>(
            load: { (query, sources, connection, options) async throws(DatabaseError) in
                let rows = try await load(query, sources, connection, options)
                return RelatedRows(
                    elements: try await inclusions.attach(rows.elements, connection, options),
                    places: rows.places
                )
            },
            collect: { (elements) throws(DatabaseError) in elements }
        )
        other.query = query
        return other
    }
}

extension Relation where Element == Target, Result == Target? {
    /// Loads what the related row is related to in turn.
    public func including<each T: Model, each E: Sendable, each R: Sendable>(
        _ relations: repeat Relation<Target, each T, each E, each R>
    ) -> Relation<Source, Target, With<Target, (repeat each R)>, With<Target, (repeat each R)>?> {
        let inclusions = Inclusions(repeat Inclusion(each relations))
        let load = load
        var other = Relation<Source, Target, With<Target, (repeat each R)>, With<Target, (repeat each R)>?>(
            load: { (query, sources, connection, options) async throws(DatabaseError) in
                let rows = try await load(query, sources, connection, options)
                return RelatedRows(
                    elements: try await inclusions.attach(rows.elements, connection, options),
                    places: rows.places
                )
            },
            collect: { (elements) throws(DatabaseError) in elements.first }
        )
        other.query = query
        return other
    }
}

extension Connection {
    /// The models of a query, with what is loaded with them.
    ///
    /// - Throws: `programming.tooManyRows` when there are more models than `limit`.
    public nonisolated func fetchAll<M: Model, Related: Sendable>(
        _ query: IncludingQuery<M, Related>,
        limit: FetchLimit,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> [With<M, Related>] {
        let models = try await fetchAll(query.select, limit: limit, fileID: fileID, line: line)
        return try await query.attach(models, self, .at(fileID, line))
    }

    /// The first model of a query, with what is loaded with it, or nil.
    public nonisolated func fetchOne<M: Model, Related: Sendable>(
        _ query: IncludingQuery<M, Related>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> With<M, Related>? {
        guard let model = try await fetchOne(query.select, fileID: fileID, line: line) else { return nil }
        return try await query.attach([model], self, .at(fileID, line)).first
    }

    /// What a relation leads to from models that are there already: one result for each of them, in order.
    public nonisolated func load<M: Model, T: Model, E: Sendable, R: Sendable>(
        _ relation: Relation<M, T, E, R>,
        for models: [M],
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> [R] {
        try await relation.results(for: models, self, .at(fileID, line))
    }
}

extension Database {
    /// The models of a query, with what is loaded with them, on one connection for reading.
    ///
    /// - Throws: `programming.tooManyRows` when there are more models than `limit`.
    public func fetchAll<M: Model, Related: Sendable>(
        _ query: IncludingQuery<M, Related>,
        limit: FetchLimit,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> [With<M, Related>] {
        try await withConnection(for: .reading, fileID: fileID, line: line) {
            try await $0.fetchAll(query, limit: limit, fileID: fileID, line: line)
        }
    }

    /// The first model of a query, with what is loaded with it, or nil.
    public func fetchOne<M: Model, Related: Sendable>(
        _ query: IncludingQuery<M, Related>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> With<M, Related>? {
        try await withConnection(for: .reading, fileID: fileID, line: line) {
            try await $0.fetchOne(query, fileID: fileID, line: line)
        }
    }
}
