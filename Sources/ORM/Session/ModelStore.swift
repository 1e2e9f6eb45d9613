import Roost
import RoostQuery

/// What a session knows of the rows of one model. Only the session touches it.
protocol SessionStore: AnyObject {
    var hasChanges: Bool { get }
    /// Whether there are models that are to be inserted and were not yet.
    var hasWaiting: Bool { get }
    /// The keys of models inserted by earlier flushes.
    func collectKeys(_ keys: inout [Int: any Sendable])
    /// Inserts the models that wait for nobody's key; tells how many.
    func insertReady(_ keys: inout [Int: any Sendable], _ connection: any Connection) async throws(DatabaseError) -> Int
    func updateChanged(_ connection: any Connection) async throws(DatabaseError)
    func delete(_ keys: [AnyHashable], _ connection: any Connection) async throws(DatabaseError)
    /// What was written is what the session knows.
    func keep()
    /// Nothing was written.
    func undo()
}

/// A model to be inserted.
struct PendingModel<M: Model> {
    let id: Int
    var model: M
    /// The added model whose key it needs.
    let parent: Int?
    let setKey: @Sendable (inout M, any Sendable) -> Void
}

final class ModelStore<M: Model>: SessionStore {
    struct Known {
        /// As the row is.
        var original: M
        /// As it is to be.
        var current: M
    }

    var known: [M.Key: Known] = [:]
    var changed: Set<M.Key> = []
    /// Rows in the order they were changed, so that two sessions lock them in an order the application decides.
    private var changes: [M.Key] = []
    var deleted: Set<M.Key> = []
    var added: [PendingModel<M>] = []
    /// The keys of what was added.
    var keys: [Int: M.Key] = [:]
    // What a flush has written, until its transaction ends.
    private var inserted: [(id: Int, model: M)] = []
    private var insertedIDs: Set<Int> = []
    private var updated: [M] = []

    var hasChanges: Bool { !added.isEmpty || !changed.isEmpty || !deleted.isEmpty }
    var hasWaiting: Bool { insertedIDs.count < added.count }

    func register(_ model: M) -> M {
        guard let key = model.key else { return model }
        if let known = known[key] { return known.current }
        known[key] = Known(original: model, current: model)
        return model
    }

    func change(_ key: M.Key, to model: M) {
        known[key]?.current = model
        if changed.insert(key).inserted { changes.append(key) }
    }

    func forget(_ key: M.Key) {
        known[key] = nil
        changed.remove(key)
        deleted.remove(key)
    }

    func collectKeys(_ keys: inout [Int: any Sendable]) {
        for (id, key) in self.keys { keys[id] = key }
    }

    func insertReady(
        _ keys: inout [Int: any Sendable],
        _ connection: any Connection
    ) async throws(DatabaseError) -> Int {
        var ready: [PendingModel<M>] = []
        for var pending in added where !insertedIDs.contains(pending.id) {
            if let parent = pending.parent {
                guard let key = keys[parent] else { continue }
                pending.setKey(&pending.model, key)
            }
            ready.append(pending)
        }
        guard !ready.isEmpty else { return 0 }
        let models = try await connection.inserted(ready.map(\.model), options: .standard)
        for (pending, model) in zip(ready, models) {
            inserted.append((pending.id, model))
            insertedIDs.insert(pending.id)
            if let key = model.key { keys[pending.id] = key }
        }
        return ready.count
    }

    func updateChanged(_ connection: any Connection) async throws(DatabaseError) {
        let mapping = M.mapping
        let width = mapping.columnNames.count
        let all = mapping.otherPositions
        var groups: [[Int]: [[Value]]] = [:]
        var order: [[Int]] = []
        var seen: Set<M.Key> = []
        for key in changes where changed.contains(key) && seen.insert(key).inserted {
            guard let row = known[key] else { continue }
            let before = try row.original.values()
            guard try row.current.values() != before else { continue }
            // The version read counts, whatever the application did to the property.
            var current = row.current
            if let version = mapping.version { version.write(&current, version.read(row.original)) }
            let next = try current.prepared(isNew: false)
            let after = try next.values()
            guard before.count == width, after.count == width else { continue }
            let positions = all.filter { before[$0] != after[$0] }
            updated.append(next)
            guard !positions.isEmpty else { continue }
            if groups[positions] == nil { order.append(positions) }
            groups[positions, default: []].append(positions.map { after[$0] } + (try row.original.rowValues()))
        }
        for positions in order {
            let rows = groups[positions] ?? []
            var batch = RowBatchBuilder(columnCount: positions.count + mapping.rowValueCount, rowCapacity: rows.count)
            for row in rows {
                for value in row { batch.append(value) }
                try batch.endRow()
            }
            try await connection.change(M.self, .update(positions), batch.finish(), .standard)
        }
    }

    func delete(_ keys: [AnyHashable], _ connection: any Connection) async throws(DatabaseError) {
        let models = keys.compactMap { ($0.base as? M.Key).flatMap { known[$0]?.original } }
        try await connection.deleted(models, options: .standard)
    }

    func keep() {
        for (id, model) in inserted {
            guard let key = model.key else { continue }
            keys[id] = key
            known[key] = Known(original: model, current: model)
        }
        added.removeAll { insertedIDs.contains($0.id) }
        for model in updated { if let key = model.key { known[key] = Known(original: model, current: model) } }
        for key in deleted { known[key] = nil }
        (changed, changes, deleted) = ([], [], [])
        undo()
    }

    func undo() {
        (inserted, insertedIDs, updated) = ([], [], [])
    }
}
