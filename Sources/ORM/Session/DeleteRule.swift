public import Roost
import RoostQuery

/// What becomes of the rows that are related to a row when a session deletes it; see ``Model/deleteRules``.
///
/// ```swift
/// static var deleteRules: [DeleteRule<Artist>] {
///     [.delete(Artist.albums), .nullify(Artist.fans, \.artistID), .restrict(Artist.contracts)]
/// }
/// ```
public struct DeleteRule<M: Model>: Sendable {
    /// Adds to a plan, by its number in the session, what is related to models.
    let plan: @Sendable (Session, [M], Int) async throws(DatabaseError) -> Void

    /// They are deleted too, by the rules of their own model.
    public static func delete<T: Model>(_ relation: Relation<M, T, T, [T]>) -> DeleteRule {
        DeleteRule { (session, models, plan) async throws(DatabaseError) in
            try await session.planDelete(relation, of: models, plan)
        }
    }

    /// It is deleted too, by the rules of its own model.
    public static func delete<T: Model>(_ relation: Relation<M, T, T, T?>) -> DeleteRule {
        delete(relation.asMany)
    }

    /// The rows that link them are deleted, by the rules of the link's model; they themselves stay.
    public static func unlink<T: Model, L: Model>(
        _ relation: Relation<M, T, Linked<T, L>, [Linked<T, L>]>
    ) -> DeleteRule {
        DeleteRule { (session, models, plan) async throws(DatabaseError) in
            try await session.planUnlink(relation, of: models, plan)
        }
    }

    /// They stay, and refer to nothing.
    public static func nullify<T: Model, V: Sendable>(
        _ relation: Relation<M, T, T, [T]>,
        _ property: any WritableKeyPath<T, V?> & Sendable
    ) -> DeleteRule {
        DeleteRule { (session, models, plan) async throws(DatabaseError) in
            try await session.planNullify(relation, property, of: models, plan)
        }
    }

    /// Nothing is deleted while there are any, but for those that are deleted along.
    public static func restrict<T: Model>(_ relation: Relation<M, T, T, [T]>) -> DeleteRule {
        DeleteRule { (session, models, plan) async throws(DatabaseError) in
            try await session.planRestrict(relation, of: models, plan)
        }
    }
}

/// What a session will do when all has been read.
final class DeletionPlan {
    private struct Row: Hashable {
        let model: ObjectIdentifier
        let key: AnyHashable
    }

    private var deleted: Set<Row> = []
    private var deletions: [() throws(DatabaseError) -> Void] = []
    private var changes: [() throws(DatabaseError) -> Void] = []
    private var restrictions: [(row: Row, error: DatabaseError)] = []

    private func row<M: Model>(_ model: M) -> Row? {
        model.key.map { Row(model: ObjectIdentifier(M.self), key: $0) }
    }

    /// Those of the models that were not in the plan.
    func take<M: Model>(_ models: [M]) -> [M] {
        models.filter { model in row(model).map { deleted.insert($0).inserted } ?? true }
    }

    func contains<M: Model>(_ model: M) -> Bool { row(model).map(deleted.contains) ?? false }

    func delete(_ deletion: @escaping () throws(DatabaseError) -> Void) { deletions.append(deletion) }

    func change(_ change: @escaping () throws(DatabaseError) -> Void) { changes.append(change) }

    func restrict<M: Model, O: Model>(_ models: [M], by owner: O.Type) {
        for model in models {
            guard let row = row(model) else { continue }
            let error = DatabaseError(
                .integrity,
                .foreignKeyViolation,
                "A row of \(O.Columns.tableName) is not deleted, for rows of \(M.Columns.tableName) are related to it.",
                hint: "Delete those first, or give the model another rule."
            ).concerning(table: M.Columns.tableName)
            restrictions.append((row, error))
        }
    }

    func apply() throws(DatabaseError) {
        for restriction in restrictions where !deleted.contains(restriction.row) { throw restriction.error }
        for change in changes { try change() }
        for deletion in deletions { try deletion() }
    }
}

extension Relation where Element == Target, Result == Target? {
    /// All related rows of each source.
    fileprivate var asMany: Relation<Source, Target, Target, [Target]> {
        var other = Relation<Source, Target, Target, [Target]>(load: load) { (elements) throws(DatabaseError) in
            elements
        }
        other.query = query
        return other
    }
}

extension Session {
    /// Deletes a model's row at the next ``flush()``, and does to related rows what ``Model/deleteRules`` say, from model to model.
    ///
    /// What the rules concern is read now, by one statement for each rule and generation. What was added and not flushed is not found.
    ///
    /// - Throws: `integrity.foreignKeyViolation` where a rule restricts it; nothing is deleted then.
    public func deleteCascading<M: Model>(_ model: M) async throws(DatabaseError) {
        try await deleteCascading(contentsOf: [model])
    }

    /// Deletes models' rows at the next ``flush()``, by their rules; see ``deleteCascading(_:)``.
    public func deleteCascading<M: Model>(contentsOf models: [M]) async throws(DatabaseError) {
        try requireIdle()
        let number = Self.makeIDs(1)
        let plan = DeletionPlan()
        plans[number] = plan
        defer { plans[number] = nil }
        try await self.plan(store(M.self).register(models), number)
        try requireIdle()
        try plan.apply()
    }

    private func plan<M: Model>(_ models: [M], _ number: Int) async throws(DatabaseError) {
        guard let plan = plans[number] else { return }
        let known = store(M.self)
        let models = plan.take(models.filter { model in model.key.map { known.known[$0]?.isDeleted != true } ?? true })
        guard !models.isEmpty else { return }
        for rule in M.deleteRules { try await rule.plan(self, models, number) }
        // After what refers to them.
        plan.delete { () throws(DatabaseError) in for model in models { try self.delete(model) } }
    }

    func planDelete<M: Model, T: Model>(
        _ relation: Relation<M, T, T, [T]>,
        of models: [M],
        _ plan: Int
    ) async throws(DatabaseError) {
        try await self.plan(related(relation, to: models), plan)
    }

    func planUnlink<M: Model, T: Model, L: Model>(
        _ relation: Relation<M, T, Linked<T, L>, [Linked<T, L>]>,
        of models: [M],
        _ plan: Int
    ) async throws(DatabaseError) {
        let links = try await connection.load(relation, for: models).joined().map(\.link)
        try await self.plan(store(L.self).register(Array(links)), plan)
    }

    func planNullify<M: Model, T: Model, V: Sendable>(
        _ relation: Relation<M, T, T, [T]>,
        _ property: any WritableKeyPath<T, V?> & Sendable,
        of models: [M],
        _ number: Int
    ) async throws(DatabaseError) {
        let rows = try await related(relation, to: models)
        guard let plan = plans[number] else { return }
        plan.change { () throws(DatabaseError) in
            for var row in rows where !plan.contains(row) {
                row[keyPath: property] = nil
                try self.save(row)
            }
        }
    }

    func planRestrict<M: Model, T: Model>(
        _ relation: Relation<M, T, T, [T]>,
        of models: [M],
        _ plan: Int
    ) async throws(DatabaseError) {
        let rows = try await related(relation, to: models)
        plans[plan]?.restrict(rows, by: M.self)
    }

    /// The related rows as the session knows them.
    func related<M: Model, T: Model>(
        _ relation: Relation<M, T, T, [T]>,
        to models: [M]
    ) async throws(DatabaseError) -> [T] {
        let rows = try await connection.load(relation, for: models).joined()
        let store = store(T.self)
        return store.register(Array(rows)).filter { row in row.key.map { store.known[$0]?.isDeleted != true } ?? true }
    }
}
