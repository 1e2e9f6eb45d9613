import Roost
import RoostORM
import RoostQuery
import Testing

extension Artist {
    static let albums = hasMany(\Album.artistID, \.artistID)
}

extension Album {
    static let artist = belongs(to: Artist.self, by: \.artistID)
    static let tracks = hasMany(\Track.albumID, \.albumID)
}

extension Track {
    static let album = belongs(to: Album.self, by: \.albumID)
}

extension Playlist {
    static let tracks = hasMany(
        Track.self,
        through: Entry.self,
        from: (\.playlistID, \.playlistID),
        to: \.trackCode
    )
}

extension Employee {
    static let manager = belongs(to: Employee.self, by: \.managerID)
    static let reports = hasMany(\Employee.managerID, \.managerID)
}

@Suite(.serialized) struct RelationTests {
    /// Three artists with 0, 2 and 4 albums; every album has three tracks.
    private func fill(_ connection: any Connection) async throws -> [Artist] {
        let artists = try await connection.insert(contentsOf: ["Nobody", "Björk", "Cale"].map { Artist(name: $0) })
        var albums: [Album] = []
        for (index, artist) in artists.enumerated() {
            for number in 0..<(index * 2) {
                albums.append(Album(artistID: try #require(artist.id), title: "\(artist.name) \(number)"))
            }
        }
        albums = try await connection.insert(contentsOf: albums)
        var tracks: [Track] = []
        for album in albums {
            let id = try #require(album.id)
            tracks += (1...3).map { Track(code: "\(album.title)/\($0)", albumID: id, seconds: $0 * 10) }
        }
        try await connection.bulkInsert(tracks)
        return artists
    }

    /// What joins within joins bring is what one query for each relation brings.
    @Test(arguments: ORMEngine.running)
    func joinsNest(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            _ = try await fill(connection)
            let query = Artist.all.orderBy(Artist.columns.id)
            let albums = Artist.albums.orderBy { [$0.title.descending] }
            let tracks = Album.tracks.where { $0.seconds > 10 && $0.code != "Cale 1/2" && $0.code != "Cale 1/3" }
                .orderBy { [$0.code] }
            let included = try await connection.fetchAll(query.including(albums.including(tracks)), limit: 10)
            let joined = try await counter.expectQueries(1) {
                try await connection.fetchAll(query.joining(albums.joining(tracks)), limit: 10)
            }
            #expect(joined.map(\.model) == included.map(\.model))
            #expect(joined.map { $0.related.map(\.model) } == included.map { $0.related.map(\.model) })
            #expect(joined.map { $0.related.map(\.related) } == included.map { $0.related.map(\.related) })
            #expect(joined[2].related.map(\.related.count) == [2, 2, 0, 2] && joined[0].related.isEmpty)

            let album = Track.belongs(to: Album.self, by: \.albumID, \.albumID)
            let artist = Album.belongs(to: Artist.self, by: \.artistID, \.artistID)
            let first = Track.all.orderBy(Track.columns.code).limit(2)
            let up = try await counter.expectQueries(1) {
                try await connection.fetchAll(first.joining(album.joining(artist.required)), limit: 2)
            }
            #expect(up.map { $0.related?.related.name } == ["Björk", "Björk"])
            let none = artist.where { $0.name == "Nobody" }
            let lost = try await connection.fetchAll(first.joining(album.required.joining(none)), limit: 2)
            #expect(lost.map(\.related.title) == ["Björk 0", "Björk 0"])
            #expect(lost.allSatisfy { $0.related.related == nil })
            #expect(
                await condition {
                    _ = try await connection.fetchAll(first.joining(album.joining(none.required)), limit: 2)
                } == .noRow
            )
            let limited = query.limit(1).joining(albums.joining(tracks))
            #expect(await condition { _ = try await connection.fetchAll(limited, limit: 9) } == .misuse)
        }
    }

    @Test(arguments: ORMEngine.running)
    func relationsCostOneStatementEach(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            _ = try await fill(connection)
            let query = Artist.all.orderBy(Artist.columns.id)
            let artists = try await counter.expectQueries(3) {
                try await connection.fetchAll(
                    query.including(Artist.albums.orderBy { [$0.title] }.including(Album.tracks.orderBy { [$0.code] })),
                    limit: 10
                )
            }
            #expect(artists.map(\.related.count) == [0, 2, 4])
            #expect(artists[1].name == "Björk")
            #expect(artists[2].related.map(\.title) == ["Cale 0", "Cale 1", "Cale 2", "Cale 3"])
            #expect(artists[2].related[3].related.map(\.code) == ["Cale 3/1", "Cale 3/2", "Cale 3/3"])

            // Up and down again, several at once, and what is required.
            let tracks = try await counter.expectQueries(4) {
                try await connection.fetchAll(
                    Track.where { $0.seconds == 20 }.orderBy(Track.columns.code).including(
                        Track.album.required.where { $0.title != "" },
                        Track.album.including(Album.artist.required)
                    ),
                    limit: 10
                )
            }
            #expect(tracks.count == 6)
            #expect(tracks[0].related.0.title == "Björk 0")
            #expect(tracks[5].related.1?.related.name == "Cale")
            let sources = tracks.map(\.model)
            #expect(
                await condition {
                    _ = try await connection.load(Track.album.where { $0.title == "Cale 1" }.required, for: sources)
                } == .noRow
            )
            let some = try await connection.load(Track.album.where { $0.title == "Cale 1" }, for: sources)
            #expect(some.compactMap { $0 }.map(\.title) == ["Cale 1"])
            #expect(
                try await counter.expectQueries(1) {
                    try await connection.fetchAll(Artist.where { $0.id == -1 }.including(Artist.albums), limit: 1).count
                } == 0
            )
        }
    }

    @Test(arguments: ORMEngine.running)
    func limitsHoldForEachParent(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let artists = try await fill(connection)
            let albums = try await counter.expectQueries(1) {
                try await connection.load(
                    Artist.albums.where { $0.title != "Cale 3" }.orderBy { [$0.title.descending] }.limit(2),
                    for: artists
                )
            }
            #expect(albums.map { $0.map(\.title) } == [[], ["Björk 1", "Björk 0"], ["Cale 2", "Cale 1"]])
            let any = try await connection.load(Artist.albums.limit(1), for: artists)
            #expect(any.map { $0.map(\.title) } == [[], ["Björk 0"], ["Cale 0"]])
            // Softly deleted rows are not related to anything.
            try await connection.delete(any[2][0])
            let rest = try await connection.load(Artist.albums, for: artists)
            #expect(rest.map(\.count) == [0, 2, 3])
        }
    }

    @Test(arguments: ORMEngine.running)
    func linksBringTheirPayload(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            _ = try await fill(connection)
            let lists = try await connection.insert(contentsOf: ["empty", "one", "two"].map { Playlist(name: $0) })
            let one = try #require(lists[1].id)
            let two = try #require(lists[2].id)
            try await connection.bulkInsert([
                Entry(playlistID: one, trackCode: "Cale 0/1", place: 2),
                Entry(playlistID: one, trackCode: "Björk 0/2", place: 1),
                Entry(playlistID: two, trackCode: "Cale 0/1", place: 3),
                Entry(playlistID: two, trackCode: "Cale 0/2", place: 2),
                Entry(playlistID: two, trackCode: "Cale 0/3", place: 1),
            ])
            let tracks = try await counter.expectQueries(1) {
                try await connection.load(Playlist.tracks.orderByLink { [$0.place] }, for: lists)
            }
            #expect(
                tracks.map { $0.map(\.code) } == [
                    [], ["Björk 0/2", "Cale 0/1"], ["Cale 0/3", "Cale 0/2", "Cale 0/1"],
                ]
            )
            #expect(tracks[1].map(\.link.place) == [1, 2])
            let longest = try await connection.load(
                Playlist.tracks.where { $0.seconds > 10 }.orderBy { [$0.seconds.descending] }.limit(1),
                for: lists
            )
            #expect(longest.map { $0.map(\.code) } == [[], ["Björk 0/2"], ["Cale 0/3"]])
        }
    }

    @Test(arguments: ORMEngine.running)
    func aModelIsRelatedToItself(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let boss = try await connection.insert(Employee(name: "boss"))
            let staff = try await connection.insert(
                contentsOf: ["a", "b"].map { Employee(name: $0, managerID: boss.id) }
            )
            try await connection.insert(Employee(name: "c", managerID: staff[1].id))
            let tree = try await counter.expectQueries(3) {
                try await connection.fetchAll(
                    Employee.where { $0.managerID.isNull }.including(
                        Employee.reports.orderBy { [$0.name] }.including(Employee.reports)
                    ),
                    limit: 5
                )
            }
            #expect(tree.count == 1 && tree[0].related.map(\.name) == ["a", "b"])
            #expect(tree[0].related.map { $0.related.map(\.name) } == [[], ["c"]])
            let managers = try await connection.load(Employee.manager, for: [boss] + staff)
            #expect(managers.map { $0?.name } == [nil, "boss", "boss"])
        }
    }

    /// More keys than one statement may have parameters.
    @Test(arguments: ORMEngine.running)
    func manyKeysTakeFewStatements(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let artists = (1...2_500).map { (id: Int) in Artist(id: id, name: "a\(id)") }
            try await connection.bulkInsert(artists)
            let albums = (1...2_500).map { Album(artistID: $0, title: "t\($0)") }
            try await connection.bulkInsert(albums)
            let loaded = try await counter.expectQueries(4) {
                try await connection.fetchAll(Artist.all.including(Artist.albums), limit: 2_500)
            }
            #expect(loaded.allSatisfy { $0.related.map(\.title) == ["t\($0.id ?? 0)"] })
        }
    }
}
