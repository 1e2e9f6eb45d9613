import Roost
import RoostSchema

/// Staged tables, and how they take their places: in one transaction where DDL is part of it, by one `RENAME TABLE` in the MySQL family.
struct Publication: Sendable {
    let target: any Connection
    let tables: [TargetTable]
    /// The tables the target has already.
    let existing: Set<String>
    let rule: MergeRule
    /// What an interrupted copy left, by the staging tables' names.
    var staged: [String: Schema.Table] = [:]
    /// Where it is noted what is staged, to be forgotten with the publication; nil where nothing is.
    var state: CopyState?
    /// Tables that an interrupted copy gave their names already, in an engine that commits each DDL statement.
    var published: Set<String> = []
    /// What is run before the rows take their places, in the same transaction where the engine has DDL in it.
    var preparation: [Statement] = []
    /// What is run when they have, in the same transaction.
    var completion: [Statement] = []

    private var mode: CopyMode { rule.mode }

    private func run(_ statements: [String]) async throws(DatabaseError) {
        for text in statements { try await target.execute(Statement(unsafe: text)) }
    }

    /// Prepares the connection. Staged rows refer to tables that may not have their names yet, and SQLite looks at once; it is asked
    /// whether all references hold before anything is published.
    func open() async throws(DatabaseError) {
        if tables.first?.engine.isMySQLFamily == true { try await Self.keepZeros(on: target) }
        guard mode == .replace, tables.first?.engine == .sqlite else { return }
        // Within a transaction SQLite heeds neither.
        try await run(["PRAGMA foreign_keys = OFF", "PRAGMA legacy_alter_table = ON"])
    }

    /// Undoes ``open()``.
    func close() async {
        if tables.first?.engine.isMySQLFamily == true { try? await run(["SET SESSION sql_mode = @roost_sql_mode"]) }
        guard mode == .replace, tables.first?.engine == .sqlite else { return }
        try? await run(["PRAGMA foreign_keys = ON", "PRAGMA legacy_alter_table = OFF"])
    }

    /// In an `AUTO_INCREMENT` column of the MySQL family a 0 would become the next number otherwise.
    static func keepZeros(on target: any Connection) async throws(DatabaseError) {
        try await target.execute("SET @roost_sql_mode = @@SESSION.sql_mode")
        try await target.execute("SET SESSION sql_mode = CONCAT(@roost_sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
    }

    /// Makes a staging table.
    func prepare(_ table: TargetTable) async throws(DatabaseError) {
        try await run(mode == .replace ? table.creation() : table.creationLikeTarget())
    }

    /// Puts all staged tables in their places.
    func publish() async throws(DatabaseError) {
        guard mode == .replace else {
            try await merge()
            return await close()
        }
        for table in tables where !isPublished(table) {
            try await run(table.indexing(besides: staged[table.stagingDisplayName]))
        }
        let engine = tables.first?.engine
        if engine?.isMySQLFamily == true {
            try await publishByRenaming()
            return await close()
        }
        let isSQLite = engine == .sqlite
        do throws(DatabaseError) {
            try await target.begin(.readWrite)
            // Whatever refers to an old table goes with it: all go before any returns.
            for table in tables.reversed() { try await run(Array(table.swapping().prefix(1))) }
            for table in tables { try await run(Array(table.swapping().dropFirst())) }
            for table in tables { try await run(table.referencing()) }
            if isSQLite { try await checkForeignKeys() }
            for statement in completion { try await target.execute(statement) }
            try await forget()
            try await target.commit()
        } catch {
            try? await target.rollback()
            throw error
        }
        await close()
    }

    private func checkForeignKeys() async throws(DatabaseError) {
        for table in tables {
            let rows = try await target.query("select count(*) from pragma_foreign_key_check(\(table.name.last ?? ""))")
            guard try await rows.decode(Int.self).fetchOnly() > 0 else { continue }
            throw DatabaseError(
                .integrity,
                .foreignKeyViolation,
                "Rows of \(table.displayName) refer to rows that are not there. Nothing was published.",
                hint: "Copy the tables they refer to as well."
            )
        }
    }

    private func publishByRenaming() async throws(DatabaseError) {
        var parts: [String] = []
        var dropping: [String] = []
        for table in tables where !isPublished(table) {
            let renaming = table.renaming(exists: existing.contains(table.displayName))
            parts += renaming.parts
            dropping += renaming.dropping
        }
        try await run(["SET foreign_key_checks = 0"])
        do throws(DatabaseError) {
            if !parts.isEmpty { try await run(["RENAME TABLE \(parts.joined(separator: ", "))"]) }
            try await run(dropping)
            for table in tables where isPublished(table) { try await run([table.droppingOld]) }
            try await run(["SET foreign_key_checks = 1"])
            let known = published.isEmpty ? [] : try await Schema.read(from: target).tables
            for table in tables {
                let count = known.first { $0.typedName == table.displayName }?.foreignKeys.count ?? 0
                try await run(Array(table.referencing().dropFirst(isPublished(table) ? count : 0)))
            }
            try await complete()
            try await forget()
        } catch {
            try? await run(["SET foreign_key_checks = 1"])
            throw error
        }
    }

    private func merge() async throws(DatabaseError) {
        let isMySQLFamily = tables.first?.engine.isMySQLFamily == true
        for table in tables {
            let key = rule.key(of: table)
            if let index = table.indexing(by: key) { try await target.execute(index) }
            try await checkKey(key, of: table)
        }
        if isMySQLFamily { for statement in preparation { try await target.execute(statement) } }
        try await target.begin(.readWrite)
        do throws(DatabaseError) {
            if !isMySQLFamily { for statement in preparation { try await target.execute(statement) } }
            for table in tables {
                for statement in table.merging(rule) { try await target.execute(statement) }
            }
            for statement in completion { try await target.execute(statement) }
            try await forget()
            try await target.commit()
        } catch {
            try? await target.rollback()
            throw error
        }
        for table in tables { try await run([table.dropping]) }
    }

    /// A key has to tell rows apart, or which of them wins would be chance.
    private func checkKey(_ key: [String], of table: TargetTable) async throws(DatabaseError) {
        guard !key.isEmpty else { return }
        let columns = table.list(key)
        let staging = table.quoted(table.stagingName)
        let missing = key.map { "\(target.dialect.quoted($0)) IS NULL" }.joined(separator: " OR ")
        let empty = try await target.query(Statement(unsafe: "select count(*) from \(staging) where \(missing)"))
            .decode(Int.self).fetchOnly()
        guard empty == 0 else {
            throw DatabaseError(
                .integrity,
                .notNullViolation,
                "\(empty) rows for \(table.displayName) have no value in the key \(key.joined(separator: ", ")). Nothing was published."
            )
        }
        guard mode != .deleteInsert else { return }
        let twice = try await target.query(
            Statement(
                unsafe:
                    "select count(*) from (select \(columns) from \(staging) group by \(columns) having count(*) > 1) as k"
            )
        ).decode(Int.self).fetchOnly()
        guard twice == 0 else {
            throw DatabaseError(
                .integrity,
                .uniqueViolation,
                "\(twice) values of the key \(key.joined(separator: ", ")) stand in several rows for \(table.displayName). Nothing was published."
            )
        }
    }

    private func complete() async throws(DatabaseError) {
        guard !completion.isEmpty else { return }
        try await target.begin(.readWrite)
        for statement in completion { try await target.execute(statement) }
        try await target.commit()
    }

    private func forget() async throws(DatabaseError) {
        guard let state else { return }
        for table in tables { try await state.forget(table) }
    }

    private func isPublished(_ table: TargetTable) -> Bool { published.contains(table.displayName) }

    /// Takes away what was staged.
    func clean() async {
        if case .idle = await target.transactionStatus {} else { try? await target.rollback() }
        for table in tables { try? await run([table.dropping]) }
        try? await forget()
        try? await state?.end()
        await close()
    }
}
