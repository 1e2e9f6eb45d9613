import Roost

private struct Pair: RowDecodable {
    static let columnNames: [String]? = ["b", "a"]
    var b: String
    var a: Int
    init(from row: inout RowReader) throws(DatabaseError) {
        b = try row.next()
        a = try row.next()
    }
}

private func decodingError<T: DatabaseDecodable>(
    _ target: ConformanceTarget,
    _ statement: Statement,
    _ type: T.Type
) async throws -> DatabaseError {
    try await withConnection(target) { connection in
        return try await requireError { _ = try await connection.query(statement).decode(type).fetchOne() }
    }
}

extension ConformanceSuite {
    static let decodingCases: [ConformanceCase] = [
        ConformanceCase("Decoding", "tuples by position") { target in
            try await withConnection(target) { connection in
                let row = try await connection.query("select 1, 'two', null").decode((Int, String, Int?).self)
                    .fetchOnly()
                try require(row == (1, "two", nil), "\(row)")
            }
        },
        ConformanceCase("Decoding", "types by column name, in any order, among others") { target in
            try await withConnection(target) { connection in
                let pair = try await connection.query("select 1 as a, 2 as extra, 'x' as b").decode(Pair.self)
                    .fetchOnly()
                try require(pair.a == 1 && pair.b == "x", "\(pair)")
            }
        },
        ConformanceCase("Decoding", "a missing column is named") { target in
            try await withConnection(target) { connection in
                let error = try await requireError(.missingColumn) {
                    _ = try await connection.query("select 1 as a").decode(Pair.self).fetchOne()
                }
                try requireEqual(error.column, "b", "column")
            }
        },
        ConformanceCase("Decoding", "too few columns") { target in
            try await withConnection(target) { connection in
                _ = try await requireError(.missingColumn) {
                    _ = try await connection.query("select 1").decode((Int, Int).self).fetchOne()
                }
            }
        },
        ConformanceCase("Decoding", "NULL where there is no place for it") { target in
            try requireEqual(
                try await decodingError(target, "select null as n", Int.self).condition,
                .unexpectedNull,
                "condition"
            )
        },
        ConformanceCase("Decoding", "text as a number") { target in
            let error = try await decodingError(target, "select 'x' as n", Int.self)
            try requireEqual(error.condition, .typeMismatch, "condition")
            try require(!error.debugDescription.contains("'x'") || error.statement != nil, "the value is shown")
        },
        ConformanceCase("Decoding", "a number that does not fit") { target in
            try requireEqual(
                try await decodingError(target, "select 300", UInt8.self).condition,
                .valueOutOfRange,
                "condition"
            )
            try requireEqual(
                try await decodingError(target, "select -1", UInt.self).condition,
                .valueOutOfRange,
                "condition"
            )
        },
        ConformanceCase("Decoding", "text that is no date") { target in
            try requireEqual(
                try await decodingError(target, "select 'soon'", LocalDate.self).condition,
                .malformedValue,
                "condition"
            )
        },
        ConformanceCase("Decoding", "a row by name and by position") { target in
            try await withConnection(target) { connection in
                guard let row = try await connection.query("select 7 as seven, 'x' as x").fetchOne() else {
                    throw ConformanceFailure(description: "no row")
                }
                try requireEqual(try row.decode("seven", as: Int.self), 7, "by name")
                try requireEqual(try row.decode(1, as: String.self), "x", "by position")
                try requireEqual(try row["x"], .text("x"), "value")
                try await requireError(.missingColumn) { _ = try row["nosuch"] }
                try await requireError(.missingColumn) { _ = try row[2] }
            }
        },
        ConformanceCase("Decoding", "a row outlives its result and connection") { target in
            let row = try await withConnection(target) { try await $0.query("select 'kept'").fetchOne() }
            try requireEqual(try row?.detached().decode(0, as: String.self), "kept", "text")
        },
        ConformanceCase("Decoding", "fetchOnly refuses none and several") { target in
            try await withConnection(target) { connection in
                _ = try await requireError(.noRow) {
                    _ = try await connection.query("select 1 where 1 = 0").decode(Int.self).fetchOnly()
                }
                try await requireError(.tooManyRows) {
                    _ = try await connection.query("select 1 union all select 2").decode(Int.self).fetchOnly()
                }
            }
        },
        ConformanceCase("Decoding", "a row that cannot be decoded does not stop the next one") { target in
            try await withConnection(target) { connection in
                let rows = try await connection.query("select 'x' as n union all select 'y'").decode(Int.self)
                try await requireError(.typeMismatch) { _ = try await rows.fetchOne() }
                try await requireError(.typeMismatch) { _ = try await rows.fetchOne() }
                try require(try await rows.fetchOne() == nil, "a third row")
            }
        },
    ]
}
