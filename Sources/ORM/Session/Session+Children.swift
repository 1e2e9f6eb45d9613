public import Roost
import RoostQuery

/// What becomes of related rows that are not among those a model is to have.
public enum OrphanRule: Sendable {
    /// They are deleted, by ``Model/deleteRules``.
    case delete
    /// They stay, and refer to nothing.
    case nullify
}

extension Session {
    /// Inserts a model and others that hold its key, at the next ``flush()``.
    @discardableResult
    public func add<M: Model, T: Model>(
        _ model: M,
        with children: [T],
        setting property: any WritableKeyPath<T, M.Key> & Sendable
    ) throws(DatabaseError) -> Added<M> {
        let parent = try add(model)
        for child in children { try add(child, setting: property, from: parent) }
        return parent
    }

    /// Inserts a model and others that hold its key, at the next ``flush()``.
    @discardableResult
    public func add<M: Model, T: Model>(
        _ model: M,
        with children: [T],
        setting property: any WritableKeyPath<T, M.Key?> & Sendable
    ) throws(DatabaseError) -> Added<M> {
        let parent = try add(model)
        for child in children { try add(child, setting: property, from: parent) }
        return parent
    }

    /// Makes these the related rows of a model, at the next ``flush()``: new ones are added, others saved, and those that are not among them
    /// deleted. Reads the related rows now, by one statement, and a row that comes from elsewhere by one more.
    public func replace<M: Model, T: Model>(
        _ relation: Relation<M, T, T, [T]>,
        of model: M,
        with children: [T],
        setting property: any WritableKeyPath<T, M.Key> & Sendable
    ) async throws(DatabaseError) {
        guard let key = model.key else { throw DatabaseError.withoutKey(M.self) }
        var children = children
        for index in children.indices { children[index][keyPath: property] = key }
        try await deleteCascading(contentsOf: adopt(children, related(relation, to: [model])))
    }

    /// Makes these the related rows of a model, at the next ``flush()``: new ones are added, others saved, and with those that are not among
    /// them it is done as `orphans` says. Reads the related rows now, by one statement, and a row that comes from elsewhere by one more.
    public func replace<M: Model, T: Model>(
        _ relation: Relation<M, T, T, [T]>,
        of model: M,
        with children: [T],
        setting property: any WritableKeyPath<T, M.Key?> & Sendable,
        orphans rule: OrphanRule
    ) async throws(DatabaseError) {
        guard let key = model.key else { throw DatabaseError.withoutKey(M.self) }
        var children = children
        for index in children.indices { children[index][keyPath: property] = key }
        var orphans = try await adopt(children, related(relation, to: [model]))
        if rule == .delete { return try await deleteCascading(contentsOf: orphans) }
        for index in orphans.indices { orphans[index][keyPath: property] = nil }
        try save(contentsOf: orphans)
    }

    /// Adds and saves the children; gives back those of the known ones that are not among them.
    private func adopt<T: Model>(_ children: [T], _ known: [T]) async throws(DatabaseError) -> [T] {
        try requireIdle()
        var kept: Set<T.Key> = []
        for child in children {
            if let key = child.key { kept.insert(key) }
            try await merge(child)
        }
        return known.filter { child in child.key.map { !kept.contains($0) } ?? false }
    }
}
