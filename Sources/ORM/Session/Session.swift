public import Roost
public import RoostQuery

/// A unit of work: it knows every model it read or wrote once, and writes what was changed when it is told to.
///
/// ```swift
/// try await database.withSession { session in
///     let artist = try await session.add(Artist(name: "Björk"))
///     try await session.add(Album(title: "Debut"), setting: \.artistID, from: artist)
///     if var known = try await session.find(Artist.self, 1) {
///         known.name = "Cale"
///         try await session.save(known)
///     }
/// }
/// ```
///
/// Models are values, so a change is told to the session by ``save(_:)``. ``flush()`` sends, in one transaction: inserts, parents before
/// children and those of one model together; updates of the columns that changed; deletes in the order they were asked for. If it
/// fails, nothing is written and the session is as it was.
public actor Session {
    @usableFromInline let connection: any Connection
    private var stores: [ObjectIdentifier: any SessionStore] = [:]
    /// The stores in the order their models were first seen.
    private var order: [any SessionStore] = []
    private var deletions: [Deletion] = []
    /// Numbers of what was added, to any session, so that one session's are never taken for another's.
    private static let ids = Locked(0)
    private var isFlushing = false
    /// Deletions that are being planned, by their number.
    var plans: [Int: DeletionPlan] = [:]

    /// A session on a connection, which it does not close.
    public init(on connection: any Connection) {
        self.connection = connection
    }

    @usableFromInline
    func store<M: Model>(_ type: M.Type) -> ModelStore<M> {
        if let store = stores[ObjectIdentifier(type)] as? ModelStore<M> { return store }
        let store = ModelStore<M>()
        stores[ObjectIdentifier(type)] = store
        order.append(store)
        return store
    }

    @usableFromInline
    func requireIdle() throws(DatabaseError) {
        guard isFlushing else { return }
        throw DatabaseError(
            .programming,
            .misuse,
            "The session is flushing, and can take no changes until that has ended.",
            hint: "Await flush() before changing more, or use a session for each task."
        )
    }
}

// MARK: Reading

extension Session {
    /// The model with this key, or nil. A model the session knows costs no statement.
    public func find<M: Model>(_ type: M.Type, _ key: M.Key) async throws(DatabaseError) -> M? {
        let store = store(type)
        if let known = store.known[key] { return known.isDeleted ? nil : known.current }
        guard let model = try await connection.find(type, key) else { return nil }
        return store.register([model]).first
    }

    /// The models of a query. One that the session knows already is given as the session knows it, with its unwritten changes.
    @inlinable
    public func fetchAll<M: Model>(_ query: Select<M>, limit: FetchLimit) async throws(DatabaseError) -> [M] {
        store(M.self).register(try await connection.fetchAll(query, limit: limit))
    }

    /// Reads the model's row again, and forgets unwritten changes to it.
    ///
    /// - Throws: `data.noRow` when the row is gone.
    public func refresh<M: Model>(_ model: M) async throws(DatabaseError) -> M {
        try requireIdle()
        guard let key = model.key else { throw DatabaseError.withoutKey(M.self) }
        let fresh = try await connection.get(M.self, key)
        let store = store(M.self)
        store.forget(key)
        _ = store.register([fresh])
        return fresh
    }

    /// What was inserted for what ``add(_:)`` returned; before ``flush()``, what will be.
    public func model<M: Model>(of added: Added<M>) -> M? {
        store(M.self).model(of: added.id)
    }
}

// MARK: Changing

extension Session {
    /// Inserts a model at the next ``flush()``.
    @discardableResult
    @inlinable
    public func add<M: Model>(_ model: M) throws(DatabaseError) -> Added<M> {
        try requireIdle()
        return append(PendingModel(id: Self.makeIDs(1), model: model))
    }

    /// Inserts models at the next ``flush()``, in their order.
    @discardableResult
    @inlinable
    public func add<M: Model>(contentsOf models: [M]) throws(DatabaseError) -> [Added<M>] {
        try requireIdle()
        let store = store(M.self)
        let first = Self.makeIDs(models.count)
        store.added.reserveCapacity(store.added.count + models.count)
        for (index, model) in models.enumerated() {
            store.added.append(PendingModel(id: first + index, model: model))
        }
        return models.indices.map { Added(id: first + $0) }
    }

    /// Inserts a model at the next ``flush()``, after another one, whose key the property takes.
    @discardableResult
    public func add<M: Model, P: Model>(
        _ model: M,
        setting property: any WritableKeyPath<M, P.Key> & Sendable,
        from parent: Added<P>
    ) throws(DatabaseError) -> Added<M> {
        try requireIdle()
        let parents = store(P.self)
        return append(
            PendingModel(id: Self.makeIDs(1), model: model) { model in
                guard let key = parents.key(of: parent.id) else { return false }
                model[keyPath: property] = key
                return true
            }
        )
    }

    /// Inserts a model at the next ``flush()``, after another one, whose key the property takes.
    @discardableResult
    public func add<M: Model, P: Model>(
        _ model: M,
        setting property: any WritableKeyPath<M, P.Key?> & Sendable,
        from parent: Added<P>
    ) throws(DatabaseError) -> Added<M> {
        try requireIdle()
        let parents = store(P.self)
        return append(
            PendingModel(id: Self.makeIDs(1), model: model) { model in
                guard let key = parents.key(of: parent.id) else { return false }
                model[keyPath: property] = key
                return true
            }
        )
    }

    /// The first of so many numbers that nothing else has.
    @usableFromInline
    static func makeIDs(_ count: Int) -> Int {
        ids.withLock { next in
            next += count
            return next - count
        }
    }

    @inlinable
    func append<M: Model>(_ pending: PendingModel<M>) -> Added<M> {
        store(M.self).added.append(pending)
        return Added(id: pending.id)
    }

    /// Writes the columns that differ from what was read, at the next ``flush()``.
    ///
    /// - Throws: `programming.misuse` for a model that the session has not read or added: see ``merge(_:)``.
    @inlinable
    public func save<M: Model>(_ model: M) throws(DatabaseError) {
        try save(contentsOf: CollectionOfOne(model))
    }

    /// Writes the columns of models that differ from what was read, at the next ``flush()``; all of them or, when one is refused, those
    /// before it.
    ///
    /// - Throws: `programming.misuse` for a model that the session has not read or added: see ``merge(_:)``.
    @inlinable
    public func save<M: Model>(contentsOf models: some Sequence<M>) throws(DatabaseError) {
        try requireIdle()
        let store = store(M.self)
        let readKey = M.mapping.key.read
        for model in models {
            guard let key = readKey(model), let known = store.known[key], !known.isDeleted else {
                throw Self.unknown(model)
            }
            store.change(known, to: model)
        }
    }

    @usableFromInline
    static func unknown<M: Model>(_ model: M) -> DatabaseError {
        guard model.key != nil else { return DatabaseError.withoutKey(M.self) }
        return DatabaseError(
            .programming,
            .misuse,
            "The session does not know this row of \(M.Columns.tableName), so it cannot tell what changed.",
            hint: "Read it in the session first, or call merge."
        ).concerning(table: M.Columns.tableName)
    }

    /// Saves a model that comes from elsewhere: reads its row if the session does not know it; adds it if there is none.
    public func merge<M: Model>(_ model: M) async throws(DatabaseError) {
        try requireIdle()
        guard let key = model.key, try await find(M.self, key) != nil else {
            try add(model)
            return
        }
        try save(model)
    }

    /// Deletes a model's row at the next ``flush()``, or marks it deleted where the model is deleted softly.
    public func delete<M: Model>(_ model: M) throws(DatabaseError) {
        try requireIdle()
        guard let key = model.key else { throw DatabaseError.withoutKey(M.self) }
        let store = store(M.self)
        _ = store.register([model])
        guard let known = store.known[key], !known.isDeleted else { return }
        known.isDeleted = true
        store.forgetChange(known)
        deletions.append(Deletion(store: store, key: key))
    }

    /// Deletes a model's row after the rows a relation leads to, which are read now.
    public func delete<M: Model, T: Model>(
        _ model: M,
        cascading relation: Relation<M, T, T, [T]>
    ) async throws(DatabaseError) {
        for related in try await connection.load(relation, for: [model]).joined() { try delete(related) }
        try delete(model)
    }

    /// Forgets a model and unwritten changes to it; its row stays as it is.
    public func expunge<M: Model>(_ model: M) throws(DatabaseError) {
        try requireIdle()
        guard let key = model.key else { return }
        let store = store(M.self)
        store.forget(key)
        deletions.removeAll { $0.store === store && $0.key == AnyHashable(key) }
    }

    /// Forgets what was added and one knows of nothing.
    public func expungeAll() throws(DatabaseError) {
        try requireIdle()
        (stores, order, deletions) = ([:], [], [])
    }

    /// Whether there is something to be written.
    public var hasChanges: Bool {
        !deletions.isEmpty || order.contains { $0.hasChanges }
    }

    /// Writes all changes in one transaction, or in a savepoint of the open one.
    ///
    /// - Throws: `staleWrite` when a row was changed or deleted by another since it was read; what hooks and the engine throw. Nothing
    ///   is written then, and the changes are still there.
    public func flush() async throws(DatabaseError) {
        try requireIdle()
        guard hasChanges else { return }
        isFlushing = true
        defer { isFlushing = false }
        let (order, deletions) = (order, deletions)
        do throws(DatabaseError) {
            try await connection.inTransaction { (connection) async throws(DatabaseError) in
                try await Self.write(order, deletions, connection)
            }
        } catch {
            for store in order { store.undo() }
            throw error
        }
        for store in order { store.keep() }
        for deletion in deletions { deletion.store.forget(deletion.key) }
        self.deletions = []
    }

    private static func write(
        _ order: [any SessionStore],
        _ deletions: [Deletion],
        _ connection: any Connection
    ) async throws(DatabaseError) {
        // Round by round: first what needs nobody's key, then what needs the keys of that.
        var isWaiting = true
        while isWaiting {
            var inserted = 0
            for store in order { inserted += try await store.insertReady(connection) }
            isWaiting = order.contains { $0.hasWaiting }
            guard inserted > 0 || !isWaiting else {
                throw DatabaseError(
                    .programming,
                    .misuse,
                    "A model waits for the key of one that the session no longer knows.",
                    hint: "Add both to the same session."
                )
            }
        }
        for store in order { try await store.updateChanged(connection) }
        var start = 0
        while start < deletions.count {
            var end = start + 1
            while end < deletions.count, deletions[end].store === deletions[start].store { end += 1 }
            try await deletions[start].store.delete(deletions[start..<end].map(\.key), connection)
            start = end
        }
    }
}

/// What stands for a model that was added to a session, before it has a key and after.
public struct Added<M: Model>: Sendable, Hashable {
    @usableFromInline let id: Int

    @inlinable
    init(id: Int) { self.id = id }
}

/// A row to be deleted.
struct Deletion {
    let store: any SessionStore
    let key: AnyHashable
}

extension Connection {
    /// As ``atomically(_:)``, for those who do not know the connection's type.
    nonisolated func inTransaction<R>(
        _ body: (any Connection) async throws(DatabaseError) -> R
    ) async throws(DatabaseError) -> R {
        try await atomically { (connection) async throws(DatabaseError) in try await body(connection) }
    }
}

extension Database {
    /// Runs `body` with a session on a connection of its own, and flushes what is left when it returns.
    public func withSession<R: Sendable>(
        fileID: String = #fileID,
        line: Int = #line,
        _ body: (Session) async throws -> R
    ) async throws -> R {
        try await withConnection(fileID: fileID, line: line) { connection in
            let session = Session(on: connection)
            let result = try await body(session)
            try await session.flush()
            return result
        }
    }
}
