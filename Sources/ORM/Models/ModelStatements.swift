import Roost
import RoostQuery

/// The statements compiled for a model: one for each shape and dialect, however often they run.
final class ModelStatements<M: Model>: Sendable {
    /// What a statement does; the columns are part of it.
    enum Shape: Hashable, Sendable {
        case find
        case insert(withKey: Bool, returnsKey: Bool)
        /// Rows of a statement that names several.
        case insertRows(Int)
        /// Columns by their position, by whether the version is checked.
        case update([Int])
        /// Columns by their position, what their values and those that tell a row are made, and how many rows.
        case updateRows([Int], [ValueCast], Int)
        case delete
        case upsert
    }

    private struct Key: Hashable, Sendable {
        let shape: Shape
        let dialect: String
        let version: Int
    }

    private let known = Locked<[Key: Statement]>([:])
    /// Updates of many different sets of columns could make very many statements.
    private let capacity = 512

    func statement(_ shape: Shape, for connection: any Connection) throws(DatabaseError) -> Statement {
        let profile = DialectProfile.of(connection.dialect, version: connection.serverVersion)
        let key = Key(shape: shape, dialect: profile.dialect.name, version: profile.version)
        if let statement = known.withLock({ $0[key] }) { return statement }
        let statement: Statement
        if case .updateRows(let positions, let casts, let count) = shape {
            statement = try JoinedUpdate<M>.statement(positions, casts, count, profile.dialect)
        } else {
            let query = ModelChange(node: Self.node(of: shape))
            // What is bound in it stands for what will be.
            statement = try query.statement(for: profile.dialect, version: connection.serverVersion)
                .prepared(for: profile.dialect)
        }
        known.withLock {
            if $0.count >= capacity { $0.removeAll(keepingCapacity: true) }
            $0[key] = statement
        }
        return statement
    }

    private static var placeholder: QueryNode { QueryNode(literal: .null) }

    private static func column(_ name: String) -> QueryNode {
        QueryNode(.column(source: M.Columns.tableName, name: name))
    }

    private static func isEqual(_ name: String) -> SQLCondition {
        // A number, since the renderer casts nothing that is compared with one.
        SQLCondition(.binary(.equal), [column(name), QueryNode(literal: .int(0))])
    }

    private static func node(of shape: Shape) -> QueryNode {
        let mapping = M.mapping
        let table = M.Columns.table.source
        let names = mapping.columnNames
        var row = SQLCondition.all(of: mapping.key.columns.map(isEqual))
        switch shape {
        case .find:
            return M.all.where(row).node
        case .insert(let withKey, let returnsKey):
            let columns = mapping.insertedNames(withKey: withKey)
            let returning = returnsKey ? QueryNode.list(mapping.key.columns.map(column)) : .absent
            return insert(columns, rows: 1, returning: returning)
        case .insertRows(let count):
            return insert(mapping.insertedNames(withKey: false), rows: count, returning: .absent)
        case .update(let positions):
            if let version = mapping.version { row = row && isEqual(version.column) }
            let assignments = positions.map { QueryNode(.assignment, [column(names[$0]), placeholder]) }
            return QueryNode(.update, [.absent, table, .list(assignments), .absent, row.node, .absent])
        case .updateRows:
            return .absent
        case .delete:
            if let version = mapping.version { row = row && isEqual(version.column) }
            return QueryNode(.delete, [.absent, table, .absent, row.node, .absent])
        case .upsert:
            let assignments = mapping.otherPositions.map {
                QueryNode(.assignment, [column(names[$0]), QueryNode(.excluded(names[$0]))])
            }
            let upsert = QueryNode(
                .upsert,
                [.list(mapping.key.columns.map(column)), .list(assignments), .absent, .absent]
            )
            return insert(mapping.insertedNames(withKey: true), rows: 1, upsert: upsert)
        }
    }

    private static func insert(
        _ columns: [String],
        rows: Int,
        upsert: QueryNode = .absent,
        returning: QueryNode = .absent
    ) -> QueryNode {
        let row = QueryNode(.tuple, columns.map { _ in placeholder })
        return QueryNode(
            M.Columns.table.insert([]).node.kind,
            [
                .absent, M.Columns.table.source, .list(columns.map(column)),
                QueryNode(.values, Array(repeating: row, count: rows)), upsert, returning,
            ]
        )
    }
}

/// A statement from its tree.
struct ModelChange: RenderableQuery {
    let node: QueryNode
}
