#if ModelMacros
import Roost
import RoostModelMacros
import RoostORM
import RoostQuery
import RoostSQLite
import Testing

/// A model by the macro is the model by hand: the same statements reach the engine, and leave the same rows.
@Suite struct MacroModelTests {
    /// What the application and the engine see of a model.
    private struct Outcome: Equatable {
        var columns: [String]
        var key: [String]
        var isGenerated: Bool
        var definition: [String]
        var statements: [String] = []
        var rows: [[Value]] = []
    }

    private static let tables: [Statement] = [
        """
        create table album (id integer primary key, artist_id integer not null, title text not null, state text not null, \
        settings text not null, remarks text, label_name text not null, label_city text, second_name text not null, \
        second_city text, place_name text, place_zip text, place_words text, version integer not null, \
        created_at text not null, updated_at text not null, deleted_at text, \
        title_length integer generated always as (length(title)))
        """,
        "create table track (code text primary key, album integer not null, seconds integer not null)",
        """
        create table entry (playlist_id integer not null, track_code text not null, place integer not null, \
        primary key (playlist_id, track_code))
        """,
        """
        create table line (l_year integer, l_number integer, l_place integer, l_default text, l_price text, \
        primary key (l_year, l_number, l_place))
        """,
        "create table public_thing (id integer primary key, row text not null, secret integer not null, count integer)",
    ]

    private func withTables(_ body: (any Connection, QueryCounter) async throws -> Void) async throws {
        var configuration = try ConnectionConfiguration("sqlite::memory:")
        let counter = QueryCounter()
        configuration.observer = counter
        let connection = try await DriverRegistry([SQLiteDriver()]).connect(configuration)
        for table in Self.tables { try await connection.execute(table) }
        do {
            try await body(connection, counter)
        } catch {
            Issue.record(error)
        }
        await connection.close()
    }

    /// Everything that is done with models, done with these three.
    private func outcome<M: Model>(
        _ models: [M],
        rows: Statement,
        _ change: @Sendable (inout M) -> Void
    ) async throws -> Outcome where M: Equatable {
        let definition = try M.Columns.table.create().statements(for: .sqlite).map { $0.rendered(for: .sqlite) }
        var outcome = Outcome(
            columns: M.mapping.columnNames,
            key: M.mapping.key.columns,
            isGenerated: M.mapping.key.isGenerated,
            definition: definition
        )
        try await withTables { connection, counter in
            var first = try await connection.insert(models[0])
            let key = try #require(first.key)
            try await connection.insert(contentsOf: models.dropFirst())
            change(&first)
            first = try await connection.update(first)
            let found = try #require(try await connection.find(M.self, key))
            let read = try await connection.fetchAll(M.all, limit: 10)
            #expect(read.count == 3 && read.contains(found))
            let session = Session(on: connection)
            for var model in try await session.fetchAll(M.all, limit: 10) {
                change(&model)
                try await session.save(model)
            }
            try await session.flush()
            let others = try await connection.fetchAll(M.all, limit: 10).filter { $0.key != key }
            try await connection.upsert(others)
            try await connection.delete(others[0])
            outcome.statements = counter.texts
            outcome.rows = try await connection.query(rows).fetchAll(limit: 10).map(\.values)
        }
        #expect(!outcome.statements.isEmpty && !outcome.rows.isEmpty)
        return outcome
    }

    @Test func everyKindOfColumn() async throws {
        let settings = AlbumSettings(isLive: true, tags: ["a", "ü"])
        let rows: Statement = """
            select id, artist_id, title, state, settings, remarks, label_name, label_city, second_name, second_city, \
            place_name, place_zip, place_words, version, created_at > '1971', updated_at > '1971', deleted_at > '1971', \
            title_length from album order by id
            """
        let byHand = (1...3).map { number in
            ByHand.Album(
                artistID: number,
                title: "album \(number) ",
                state: .planned,
                settings: settings,
                notes: number == 2 ? settings : nil,
                label: ByHand.Label(name: "Mute", city: nil),
                second: ByHand.Label(name: "One Little", city: "London"),
                place: number == 1 ? nil : ByHand.Place(name: "here", words: ["x"])
            )
        }
        let byMacro = (1...3).map { number in
            ByMacro.Album(
                artistID: number,
                title: "album \(number) ",
                state: .planned,
                settings: settings,
                notes: number == 2 ? settings : nil,
                label: ByMacro.Label(name: "Mute", city: nil),
                second: ByMacro.Label(name: "One Little", city: "London"),
                place: number == 1 ? nil : ByMacro.Place(name: "here", words: ["x"])
            )
        }
        let expected = try await outcome(byHand, rows: rows) { $0.title += "!" }
        #expect(try await outcome(byMacro, rows: rows) { $0.title += "!" } == expected)
        #expect(expected.rows[0][17] == .int(9) && expected.columns.count == 18)
    }

    @Test func everyKindOfKey() async throws {
        let tracks: Statement = "select code, album, seconds from track order by code"
        let byHand = (1...3).map { ByHand.Track(code: "t\($0)", albumID: $0, seconds: $0) }
        let byMacro = (1...3).map { ByMacro.Track(code: "t\($0)", albumID: $0, seconds: $0) }
        let expected = try await outcome(byHand, rows: tracks) { $0.seconds += 1 }
        #expect(try await outcome(byMacro, rows: tracks) { $0.seconds += 1 } == expected)

        let entries: Statement = "select playlist_id, track_code, place from entry order by 1, 2"
        let entriesByHand = (1...3).map { ByHand.Entry(playlistID: $0, trackCode: "t\($0)", place: $0) }
        let entriesByMacro = (1...3).map { ByMacro.Entry(playlistID: $0, trackCode: "t\($0)", place: $0) }
        let other = try await outcome(entriesByHand, rows: entries) { $0.place += 1 }
        #expect(try await outcome(entriesByMacro, rows: entries) { $0.place += 1 } == other)
    }

    @Test func keysOfThreeColumnsAndNamesOfOnesOwn() async throws {
        try await withTables { connection, _ in
            let price = try #require(BigDecimal("9.90"))
            let line = ByMacro.BillLine(year: 2026, number: 1, place: 2, default: "x", price: price)
            #expect(ByMacro.BillLine.mapping.columnNames == ["l_year", "l_number", "l_place", "l_default", "l_price"])
            let saved = try await connection.insert(line)
            #expect(saved.key == ByMacro.BillLine.Key(year: 2026, number: 1, place: 2))
            let keys = [ByMacro.BillLine.Key(year: 2026, number: 1, place: 2)]
            #expect(try await connection.find(ByMacro.BillLine.self, keys: keys) == [line])
        }
    }

    @Test func relationsAndPublicModels() async throws {
        try await withTables { connection, counter in
            let label = ByMacro.Label(name: "Mute")
            try await connection.insert(ByMacro.Album(id: 7, artistID: 1, title: "Debut", label: label, second: label))
            try await connection.insert(ByMacro.Track(code: "a", albumID: 7, seconds: 1))
            let albums = try await counter.expectQueries(2) {
                try await connection.fetchAll(ByMacro.Album.all.including(ByMacro.Album.tracks), limit: 5)
            }
            #expect(albums.map(\.related.count) == [1] && albums.first?.isOpen == false)
            let tracks = try await connection.fetchAll(ByMacro.Track.all.joining(ByMacro.Track.album), limit: 5)
            #expect(tracks.map(\.related?.title) == ["Debut"])
            let thing = try await connection.insert(PublicThing(row: "r", secret: 5))
            let id = try #require(thing.id)
            let found = try #require(try await connection.find(PublicThing.self, id))
            #expect(found.row == "r" && found.secret.rawValue == 5)
        }
    }

    @Test func whatIsHalfThereIsAnError() async throws {
        try await withTables { connection, _ in
            let label = ByMacro.Label(name: "Mute")
            try await connection.insert(ByMacro.Album(id: 1, artistID: 1, title: "Debut", label: label, second: label))
            try await connection.execute("update album set place_zip = '1'")
            let error = await #expect(throws: DatabaseError.self) { try await connection.find(ByMacro.Album.self, 1) }
            #expect(error?.condition == .unexpectedNull)
        }
    }
}
#endif
