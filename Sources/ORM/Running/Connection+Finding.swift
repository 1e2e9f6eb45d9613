public import Roost
import RoostQuery

extension Connection {
    /// The model with this key, or nil. One statement, compiled once.
    public nonisolated func find<M: Model>(
        _ type: M.Type,
        _ key: M.Key,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> M? {
        let statement = try M.mapping.statements.statement(.find, for: self).binding(key.keyValues)
        return try await M.mapping.everything.fetcher.one(query(statement, options: .at(fileID, line)))
    }

    /// The model with this key.
    ///
    /// - Throws: `data.noRow` when there is none.
    public nonisolated func get<M: Model>(
        _ type: M.Type,
        _ key: M.Key,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> M {
        if let model = try await find(type, key, fileID: fileID, line: line) { return model }
        throw DatabaseError(
            .data,
            .noRow,
            "No row of \(M.Columns.tableName) has the key that was asked for.",
            sqlState: "02000"
        ).concerning(table: M.Columns.tableName)
    }

    /// The models with these keys, in no order; keys without a row are left out. As few statements as the engine's limit of parameters
    /// allows: one for each thousand keys or so.
    public nonisolated func find<M: Model>(
        _ type: M.Type,
        keys: some Sequence<M.Key>,
        fileID: String = #fileID,
        line: Int = #line
    ) async throws(DatabaseError) -> [M] {
        var models: [M] = []
        for condition in KeyChunks.conditions(
            Array(Set(keys)).map(\.keyValues),
            columns: M.mapping.key.columns.map { QueryNode(.column(source: M.Columns.tableName, name: $0)) },
            capabilities
        ) {
            models += try await fetchAll(M.all.where(condition), limit: .unbounded, fileID: fileID, line: line)
        }
        return models
    }
}

/// Conditions that ask for many keys, each within the engine's limit of parameters.
enum KeyChunks {
    /// Keys of one statement at most: beyond this a longer list saves nothing.
    static let size = 1_024

    static func conditions(
        _ keys: [[Value]],
        columns: [QueryNode],
        _ capabilities: Capabilities
    ) -> [SQLCondition] {
        guard let width = keys.first?.count, width == columns.count, width > 0 else { return [] }
        // Conditions of the application take part in the limit too.
        let most = max(1, min(size, (capabilities.maximumParameters ?? .max) / 2 / width))
        return stride(from: 0, to: keys.count, by: most).map { start in
            var chunk = Array(keys[start..<min(start + most, keys.count)])
            // Few lengths make few statements: the last key fills the list up to the next power of two.
            var length = 1
            while length < chunk.count { length *= 2 }
            if let last = chunk.last {
                chunk += Array(repeating: last, count: max(0, min(length, most) - chunk.count))
            }
            return condition(chunk, columns)
        }
    }

    private static func condition(_ keys: [[Value]], _ columns: [QueryNode]) -> SQLCondition {
        guard columns.count > 1 else {
            let values = keys.compactMap(\.first)
            return SQLCondition(
                .inValues(negated: false, count: values.count, isDecimal: false),
                [columns[0], QueryNode(literal: .array(values))]
            )
        }
        return .any(
            of: keys.map { key in
                .all(
                    of: zip(columns, key).map {
                        SQLCondition(.binary(.equal), [$0, QueryNode(literal: $1)])
                    }
                )
            }
        )
    }
}
