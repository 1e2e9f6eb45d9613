public import Roost
import RoostQuery

extension Database {
    /// The model with this key, or nil; see ``Roost/Connection/find(_:_:fileID:line:)``.
    public func find<M: Model>(
        _ type: M.Type,
        _ key: M.Key,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> M? {
        try await withConnection(for: .reading, fileID: fileID, line: line) {
            try await $0.find(type, key, fileID: fileID, line: line)
        }
    }

    /// The model with this key.
    ///
    /// - Throws: `data.noRow` when there is none.
    public func get<M: Model>(
        _ type: M.Type,
        _ key: M.Key,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> M {
        try await withConnection(for: .reading, fileID: fileID, line: line) {
            try await $0.get(type, key, fileID: fileID, line: line)
        }
    }

    /// Inserts a model; returns it as it is in the database.
    @discardableResult
    public func insert<M: Model>(_ model: M, fileID: String = #fileID, line: Int = #line) async throws -> M {
        try await withConnection(fileID: fileID, line: line) {
            try await $0.insert(model, fileID: fileID, line: line)
        }
    }

    /// Inserts models, all of them or none; returns them as they are in the database.
    @discardableResult
    public func insert<M: Model>(
        contentsOf models: some Collection<M>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws -> [M] {
        try await withConnection(fileID: fileID, line: line) {
            try await $0.insert(contentsOf: models, fileID: fileID, line: line)
        }
    }

    /// Updates a model's row; returns the model as it is in the database.
    @discardableResult
    public func update<M: Model>(_ model: M, fileID: String = #fileID, line: Int = #line) async throws -> M {
        try await withConnection(fileID: fileID, line: line) {
            try await $0.update(model, fileID: fileID, line: line)
        }
    }

    /// Deletes a model's row, or marks it deleted where the model is deleted softly.
    public func delete<M: Model>(_ model: M, fileID: String = #fileID, line: Int = #line) async throws {
        try await withConnection(fileID: fileID, line: line) {
            try await $0.delete(model, fileID: fileID, line: line)
        }
    }
}
