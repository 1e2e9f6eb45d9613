import Roost
import RoostORM
import RoostQuery
import Testing

/// The error's condition, where there was an error.
func condition(of body: () async throws -> Void) async -> DatabaseError.Condition? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? DatabaseError)?.condition
    }
}

@Suite(.serialized) struct ModelTests {
    @Test(arguments: ORMEngine.running)
    func insertsGiveKeysAndFindReadsBack(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let bjork = try await connection.insert(Artist(name: "Björk", country: "IS"))
            let id = try #require(bjork.id)
            let found = try await counter.expectQueries(1) { try await connection.find(Artist.self, id) }
            #expect(found == bjork)
            #expect(try await connection.find(Artist.self, id + 1) == nil)
            #expect(await condition { _ = try await connection.get(Artist.self, id + 1) } == .noRow)

            // Of several rows each has its own key, whether it was given one or not.
            let given = Artist(id: id + 500, name: "Given")
            let many = (0..<40).map { Artist(name: "artist \($0)") }
            let inserted = try await connection.insert(contentsOf: many + [given] + many)
            #expect(inserted.map(\.name) == (many + [given] + many).map(\.name))
            #expect(Set(inserted.map(\.id)).count == 81)
            for artist in inserted.prefix(3) + inserted.suffix(2) {
                let key = try #require(artist.id)
                #expect(try await connection.find(Artist.self, key) == artist)
            }
            #expect(try await connection.insert(contentsOf: [Artist]()) == [])
        }
    }

    @Test(arguments: ORMEngine.running)
    func everyKindOfColumnComesBack(engine: ORMEngine) async throws {
        try await engine.withTables { connection, _ in
            var album = Album(artistID: 1, title: "Debut  ", state: .planned)
            album.settings = Settings(isLive: true, tags: ["a", "ü"])
            album.label = Label(name: "Mute", city: "London")
            let saved = try await connection.insert(album)
            #expect(saved.title == "Debut")
            #expect(saved.createdAt.microsecondsSinceEpoch > 0 && saved.updatedAt.microsecondsSinceEpoch > 0)
            let read = try await connection.get(Album.self, try #require(saved.id))
            #expect(read == saved)
            let found = try await connection.fetchAll(
                Album.where { $0.label.city == "London" && $0.state == .planned && $0.artistID == 1 },
                limit: 2
            )
            #expect(found == [saved])
            // Composite keys.
            let entry = try await connection.insert(Entry(playlistID: 1, trackCode: "x", place: 3))
            #expect(try await connection.find(Entry.self, CompositeKey(1, "x")) == entry)
            #expect(try await connection.find(Entry.self, CompositeKey(1, "y")) == nil)
        }
    }

    @Test(arguments: ORMEngine.running)
    func staleWritesFail(engine: ORMEngine) async throws {
        try await engine.withTables { connection, _ in
            let first = try await connection.insert(Album(artistID: 1, title: "Post"))
            var mine = first
            mine.title = "Post (mine)"
            let updated = try await connection.update(mine)
            #expect(updated.version == 2 && updated.createdAt == first.createdAt)
            var theirs = first
            theirs.title = "Post (theirs)"
            #expect(await condition { try await connection.update(theirs) } == .staleWrite)
            #expect(await condition { try await connection.delete(first) } == .staleWrite)
            let id = try #require(first.id)
            #expect(try await connection.get(Album.self, id) == updated)
            // Of several, one that is stale keeps all from being written.
            let other = try await connection.insert(Album(artistID: 1, title: "Other"))
            var changed = other
            changed.title = "Changed"
            #expect(await condition { try await connection.update(contentsOf: [changed, theirs]) } == .staleWrite)
            #expect(try await connection.get(Album.self, try #require(other.id)) == other)
            // A row without a version that is gone is told too.
            let gone = Artist(id: 9_999, name: "Gone")
            #expect(await condition { try await connection.update(gone) } == .staleWrite)
            #expect(await condition { try await connection.delete(Artist(name: "new")) } == .misuse)
        }
    }

    @Test(arguments: ORMEngine.running)
    func softlyDeletedRowsAreHidden(engine: ORMEngine) async throws {
        try await engine.withTables { connection, _ in
            let album = try await connection.insert(Album(artistID: 1, title: "Homogenic"))
            let id = try #require(album.id)
            try await connection.delete(album)
            #expect(try await connection.find(Album.self, id) == nil)
            #expect(try await connection.fetchAll(Album.all, limit: 5) == [])
            let hidden = try #require(try await connection.fetchOne(Album.withDeleted))
            #expect(hidden.deletedAt != nil && hidden.version == 2)
            try await connection.deleteForGood(hidden)
            #expect(try await connection.fetchAll(Album.withDeleted, limit: 5) == [])
        }
    }

    @Test(arguments: ORMEngine.running)
    func hooksEndAChangeBeforeItIsSent(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let reason = try await counter.expectQueries(0) {
                await condition { try await connection.insert(Album(artistID: 1, title: "  ")) }
            }
            #expect(reason == .validationFailed)
            let good = Album(artistID: 1, title: "good")
            let bad = Album(artistID: 1, title: "")
            #expect(await condition { try await connection.insert(contentsOf: [good, bad]) } == .validationFailed)
            #expect(await condition { try await connection.bulkInsert([good, bad]) } == .validationFailed)
            #expect(try await connection.fetchAll(Album.all, limit: 5) == [])
        }
    }

    @Test(arguments: ORMEngine.running)
    func manyRowsAtOnce(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let tracks = (0..<3_000).map { Track(code: "t\($0)", albumID: $0 % 7, seconds: $0) }
            #expect(try await connection.bulkInsert(tracks) == 3_000)
            #expect(
                await condition {
                    try await connection.bulkInsert([Track(code: "new", albumID: 1, seconds: 1), tracks[5]])
                }
                    == .uniqueViolation
            )
            #expect(try await connection.find(Track.self, "new") == nil)
            let found = try await connection.find(Track.self, keys: tracks.map(\.code) + ["none"])
            #expect(Set(found.map(\.code)) == Set(tracks.map(\.code)))
            let entries = (0..<70).map { Entry(playlistID: $0, trackCode: "c\($0)", place: $0) }
            #expect(try await connection.bulkInsert(entries) == 70)
            #expect(try await connection.find(Entry.self, keys: entries.compactMap(\.key)).count == 70)

            try await connection.upsert([
                Track(code: "t1", albumID: 1, seconds: 1_000), Track(code: "fresh", albumID: 2, seconds: 2),
            ])
            #expect(try await connection.get(Track.self, "t1").seconds == 1_000)
            #expect(try await connection.get(Track.self, "fresh").seconds == 2)

            let some = try await connection.fetchAll(Track.where { $0.albumID == 3 }, limit: 1_000)
            let longer = some.map { Track(code: $0.code, albumID: $0.albumID, seconds: $0.seconds + 1) }
            #expect(try await connection.update(contentsOf: longer) == longer)
            try await connection.delete(contentsOf: longer)
            #expect(try await connection.fetchAll(Track.where { $0.albumID == 3 }, limit: 1) == [])
            // By a condition, through the query builder.
            let t = Track.columns
            try await connection.execute(t.update(t.set(\.seconds, to: 0)).where(t.albumID == 4))
            let totals: [(Int, Int?)] = try await connection.fetchAll(
                t.select(t.albumID, sum(t.seconds).expression).where(t.albumID == 4).groupBy(t.albumID),
                limit: 10
            )
            #expect(totals.count == 1 && totals[0].1 == 0)
            // Streaming holds one batch at a time.
            var seconds = 0
            try await connection.forEach(Track.where { $0.albumID == 5 }) { seconds += $0.seconds }
            #expect(seconds == tracks.filter { $0.albumID == 5 }.reduce(0) { $0 + $1.seconds })
            let sent = await condition {
                try await counter.expectQueries(2) { _ = try await connection.find(Track.self, "t1") }
            }
            #expect(sent == .guardViolation)
        }
    }

    @Test func columnsAreNamedByStrategy() {
        #expect(ColumnNaming.snakeCase("artistID") == "artist_id")
        #expect(ColumnNaming.snakeCase("postURLText") == "post_url_text")
        #expect(ColumnNaming.snakeCase("plain") == "plain")
        #expect(ColumnNaming.snakeCase.prefixed("t_")("createdAt") == "t_created_at")
        #expect(Album.mapping.columnNames.contains("label_city"))
    }
}
