import Roost
import RoostORM
import RoostQuery
import Testing

extension Artist {
    /// Albums go with their artist, comments keep it.
    static var deleteRules: [DeleteRule<Artist>] { [.delete(albums), .restrict(comments)] }
}

extension Album {
    static var deleteRules: [DeleteRule<Album>] { [.delete(tracks)] }
}

extension Employee {
    static var deleteRules: [DeleteRule<Employee>] { [.nullify(reports, \.managerID)] }
}

@Suite(.serialized) struct CascadeTests {
    @Test(arguments: ORMEngine.running)
    func deletesFollowTheirRules(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let artists = try await connection.insert(contentsOf: [Artist(name: "a"), Artist(name: "b")])
            let albums = try await connection.insert(
                contentsOf: artists.flatMap { artist in (0..<2).map { Album(artistID: artist.id ?? 0, title: "t\($0)") }
                }
            )
            try await connection.bulkInsert(
                albums.flatMap { album in
                    (0..<3).map { Track(code: "\(album.id ?? 0)/\($0)", albumID: album.id ?? 0, seconds: 1) }
                }
            )
            let session = Session(on: connection)
            // One statement for each rule and generation: albums, tracks, comments.
            try await counter.expectQueries(3) { try await session.deleteCascading(artists[0]) }
            #expect(try await session.find(Artist.self, artists[0].id ?? 0) == nil)
            let start = counter.texts.count
            try await session.flush()
            let sent = Set(counter.texts.dropFirst(start).map { $0.lowercased() }.filter { $0.contains("orm_") })
            #expect(sent.count == 3)
            #expect(try await connection.fetchAll(Artist.all, limit: 5) == [artists[1]])
            #expect(
                try await connection.fetchAll(Album.all, limit: 5).map(\.artistID) == [artists[1].id, artists[1].id]
            )
            #expect(try await connection.fetchAll(Track.all, limit: 20).count == 6)

            // What restricts it leaves everything as it was, in the session too.
            try await connection.insert(Comment(kind: "artist", subjectID: artists[1].id ?? 0, words: "stays"))
            #expect(await condition { try await session.deleteCascading(artists[1]) } == .foreignKeyViolation)
            #expect(await !session.hasChanges)
            #expect(try await session.find(Artist.self, artists[1].id ?? 0) == artists[1])
        }
    }

    @Test(arguments: ORMEngine.running)
    func rulesNullifyAndUnlink(engine: ORMEngine) async throws {
        try await engine.withTables { connection, _ in
            let boss = try await connection.insert(Employee(name: "boss"))
            let staff = try await connection.insert(
                contentsOf: ["a", "b"].map { Employee(name: $0, managerID: boss.id) }
            )
            try await connection.insert(Employee(name: "c", managerID: staff[0].id))
            let session = Session(on: connection)
            // Unwritten changes of those that stay are kept.
            var kept = try #require(try await session.find(Employee.self, staff[1].id ?? 0))
            kept.name = "renamed"
            try await session.save(kept)
            try await session.deleteCascading(contentsOf: [boss, staff[0]])
            try await session.flush()
            let rest = try await connection.fetchAll(Employee.all.orderBy(Employee.columns.name), limit: 5)
            #expect(rest.map(\.name) == ["c", "renamed"])
            #expect(rest.allSatisfy { $0.managerID == nil })

            let bill = Bill(year: 1, number: 1, note: "x")
            try await connection.bulkInsert([bill, Bill(year: 1, number: 2, note: "y")])
            try await connection.bulkInsert([Track(code: "t", albumID: 1, seconds: 1)])
            try await connection.bulkInsert([
                BilledTrack(year: 1, number: 1, trackCode: "t"), BilledTrack(year: 1, number: 2, trackCode: "t"),
            ])
            try await connection.bulkInsert([BillLine(year: 1, number: 1, place: 0, item: "i")])
            try await session.deleteCascading(bill)
            try await session.flush()
            #expect(try await connection.fetchAll(Bill.all, limit: 5).map(\.number) == [2])
            #expect(try await connection.fetchAll(BilledTrack.all, limit: 5).map(\.number) == [2])
            #expect(try await connection.fetchAll(BillLine.all, limit: 5) == [])
            #expect(try await connection.fetchAll(Track.all, limit: 5).count == 1)
        }
    }

    @Test(arguments: ORMEngine.running)
    func relatedRowsAreAddedAndReplaced(engine: ORMEngine) async throws {
        try await engine.withTables { connection, _ in
            let session = Session(on: connection)
            let added = try await session.add(
                Artist(name: "new"),
                with: ["x", "y", "z"].map { Album(artistID: 0, title: $0) },
                setting: \.artistID
            )
            let lead = try await session.add(
                Employee(name: "lead"),
                with: [Employee(name: "p"), Employee(name: "q")],
                setting: \.managerID
            )
            try await session.flush()
            let artist = try #require(await session.model(of: added))
            var albums = try await connection.load(Artist.albums.orderBy { [$0.title] }, for: [artist])[0]
            #expect(albums.map(\.title) == ["x", "y", "z"])
            try await connection.bulkInsert([Track(code: "of x", albumID: albums[0].id ?? 0, seconds: 1)])

            // One goes, by the rules of albums; one is changed, one stays, one is new.
            albums[1].title = "Y"
            try await session.replace(
                Artist.albums,
                of: artist,
                with: [albums[1], albums[2], Album(artistID: 0, title: "new one")],
                setting: \.artistID
            )
            try await session.flush()
            let now = try await connection.load(Artist.albums.orderBy { [$0.id] }, for: [artist])[0]
            #expect(now.map(\.title) == ["Y", "z", "new one"])
            #expect(now.map(\.version) == [2, 1, 1])
            #expect(try await connection.fetchAll(Track.all, limit: 5) == [])

            let boss = try #require(await session.model(of: lead))
            let staff = try await connection.load(Employee.reports.orderBy { [$0.name] }, for: [boss])[0]
            let other = try await connection.insert(Employee(name: "other"))
            try await session.replace(
                Employee.reports,
                of: boss,
                with: [staff[1], other],
                setting: \.managerID,
                orphans: .nullify
            )
            try await session.flush()
            let after = try await connection.load(Employee.reports.orderBy { [$0.name] }, for: [boss])[0]
            #expect(after.map(\.name) == ["other", "q"])
            #expect(try await connection.get(Employee.self, staff[0].id ?? 0).managerID == nil)
            try await session.replace(
                Employee.reports,
                of: boss,
                with: [],
                setting: \.managerID,
                orphans: .delete
            )
            try await session.flush()
            #expect(try await connection.fetchAll(Employee.where { $0.name == "q" }, limit: 1) == [])
        }
    }
}
