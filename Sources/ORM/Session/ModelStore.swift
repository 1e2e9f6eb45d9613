public import Roost

/// What a session knows of the rows of one model. Only the session touches it.
@usableFromInline
protocol SessionStore: AnyObject {
    var hasChanges: Bool { get }
    /// Whether there are models that are to be inserted and were not yet.
    var hasWaiting: Bool { get }
    /// Inserts the models that wait for nobody's key; tells how many.
    func insertReady(_ connection: any Connection) async throws(DatabaseError) -> Int
    func updateChanged(_ connection: any Connection) async throws(DatabaseError)
    func delete(_ keys: [AnyHashable], _ connection: any Connection) async throws(DatabaseError)
    /// The session knows the row no more.
    func forget(_ key: AnyHashable)
    /// What was written is what the session knows.
    func keep()
    /// Nothing was written.
    func undo()
}

@usableFromInline
final class ModelStore<M: Model>: SessionStore {
    @usableFromInline var known: [M.Key: KnownModel<M>] = [:]
    /// Rows in the order they were changed, so that two sessions lock them in an order the application decides.
    @usableFromInline var changes: [KnownModel<M>] = []
    @usableFromInline var added: [PendingModel<M>] = []
    /// The keys of what was added, by its number.
    private var keys: [Int: M.Key] = [:]
    /// What a flush has inserted and updated, until its transaction ends: places in `added`, and the keys by number.
    private var insertedCount = 0
    private var insertedKeys: [Int: M.Key] = [:]
    private var updated: [(known: KnownModel<M>, next: M)] = []

    @inlinable
    init() {}

    @usableFromInline var hasChanges: Bool { !added.isEmpty || !changes.isEmpty }
    @usableFromInline var hasWaiting: Bool { insertedCount < added.count }

    /// Models that were read; those that are known already as they are known.
    @inlinable
    func register(_ models: [M]) -> [M] {
        let readKey = M.mapping.key.read
        known.reserveCapacity(known.count + models.count)
        var result = models
        for (index, model) in models.enumerated() {
            guard let key = readKey(model) else { continue }
            if let current = Self.register(model, &known[key]) { result[index] = current }
        }
        return result
    }

    /// The model as it is known already; nil when it was not.
    @inlinable
    static func register(_ model: M, _ slot: inout KnownModel<M>?) -> M? {
        if let known = slot { return known.current }
        slot = KnownModel(model)
        return nil
    }

    @inlinable
    func change(_ known: KnownModel<M>, to model: M) {
        if known.change == nil { changes.append(known) }
        known.change = model
    }

    func forgetChange(_ known: KnownModel<M>) {
        guard known.change != nil else { return }
        known.change = nil
        changes.removeAll { $0 === known }
    }

    func forget(_ key: M.Key) {
        if let model = known.removeValue(forKey: key) { forgetChange(model) }
    }

    /// What was inserted for what was added; before that, what will be.
    func model(of id: Int) -> M? {
        if let key = keys[id] { return known[key]?.current }
        return added.first { $0.id == id }?.model
    }

    /// The key of what was added, once it has one.
    func key(of id: Int) -> M.Key? { insertedKeys[id] ?? keys[id] }

    @usableFromInline
    func insertReady(_ connection: any Connection) async throws(DatabaseError) -> Int {
        var models: [M] = []
        var places: [Int] = []
        for (place, pending) in added.enumerated() where pending.inserted == nil {
            var model = pending.model
            if let takeKey = pending.takeKey, !takeKey(&model) { continue }
            models.append(model)
            places.append(place)
        }
        guard !models.isEmpty else { return 0 }
        let readKey = M.mapping.key.read
        let rows = try await connection.inserted(models, options: .standard)
        insertedKeys.reserveCapacity(insertedKeys.count + rows.count)
        for (place, row) in zip(places, rows) where added.indices.contains(place) {
            added[place].inserted = row
            if let key = readKey(row) { insertedKeys[added[place].id] = key }
        }
        insertedCount += rows.count
        return rows.count
    }

    @usableFromInline
    func updateChanged(_ connection: any Connection) async throws(DatabaseError) {
        guard !changes.isEmpty else { return }
        let rows = try ChangedRows(changes)
        updated = rows.updated
        for group in rows.groups {
            for batch in group.batches() {
                try await connection.change(M.self, .update(group.positions), batch, .standard)
            }
        }
    }

    @usableFromInline
    func delete(_ keys: [AnyHashable], _ connection: any Connection) async throws(DatabaseError) {
        let models = keys.compactMap { ($0.base as? M.Key).flatMap { known[$0]?.original } }
        try await connection.deleted(models, options: .standard)
    }

    @usableFromInline
    func forget(_ key: AnyHashable) {
        if let key = key.base as? M.Key { forget(key) }
    }

    @usableFromInline
    func keep() {
        known.reserveCapacity(known.count + insertedCount)
        for pending in added {
            guard let model = pending.inserted, let key = insertedKeys[pending.id] else { continue }
            known[key] = KnownModel(model)
        }
        added.removeAll { $0.inserted != nil }
        keys = keys.isEmpty ? insertedKeys : keys.merging(insertedKeys) { $1 }
        for known in changes { known.change = nil }
        changes = []
        for (known, next) in updated { known.original = next }
        undo()
    }

    @usableFromInline
    func undo() {
        for place in added.indices where added[place].inserted != nil { added[place].inserted = nil }
        (insertedCount, insertedKeys, updated) = (0, [:], [])
    }
}
