import Roost
import RoostORM
import RoostQuery
import RoostSQLite
import Testing

@Suite struct ComingFromSnippets {
    /// A database with two artists and three albums, and what counts its statements.
    private func withMusic(_ body: (Database, QueryCounter) async throws -> Void) async throws {
        var configuration = try ConnectionConfiguration("sqlite::memory:")
        let counter = QueryCounter()
        configuration.observer = counter
        let database = try await DriverRegistry([SQLiteDriver()]).open(configuration)
        try await database.execute("create table artist (id integer primary key, name text not null)")
        try await database.execute(
            "create table album (id integer primary key, artist_id integer, title text not null)"
        )
        try await database.insert(contentsOf: [Artist(name: "Björk"), Artist(name: "Cale")])
        try await database.insert(contentsOf: [
            Album(artistID: 1, title: "Debut"), Album(artistID: 1, title: "Post"), Album(artistID: 2, title: "Fear"),
        ])
        try await body(database, counter)
        await database.close()
    }

    @Test func selecting() async throws {
        try await withMusic { database, _ in
            let artist = Artist.columns
            let found = try await database.fetchAll(
                Artist.where { $0.name.hasPrefix("B") || $0.id > 100 }.orderBy(artist.name.descending).limit(10),
                limit: 10
            )
            let one = try await database.find(Artist.self, 1)
            let first = try await database.fetchOne(Artist.where { $0.name == "Björk" })
            #expect(found.map(\.name) == ["Björk"] && one?.name == first?.name && first?.id == 1)
        }
    }

    @Test func relations() async throws {
        try await withMusic { database, counter in
            let artists = try await counter.expectQueries(2) {
                try await database.fetchAll(Artist.all.including(Artist.albums), limit: 100)
            }
            for artist in artists { print(artist.name, artist.related.count) }
            let albums = try await database.fetchAll(
                Album.all.including(Album.artist.including(Artist.albums).required),
                limit: 100
            )
            for album in albums { print(album.title, album.related.name, album.related.related.count) }
            let artist = Artist.columns
            let joined = try await database.fetchAll(
                artist.join(Album.columns, on: Album.columns.artistID == artist.id)
                    .select(artist.name, Album.columns.title).where(Album.columns.title != "Post"),
                limit: 100
            )
            #expect(artists.map(\.related.count) == [2, 1] && albums.count == 3 && joined.count == 2)
        }
    }

    @Test func changing() async throws {
        try await withMusic { database, _ in
            try await database.withSession { session in
                let artist = try await session.add(Artist(name: "Eno"))
                try await session.add(Album(artistID: 0, title: "Discreet Music"), setting: \.artistID, from: artist)
                if var known = try await session.find(Artist.self, 1) {
                    known.name = "Björk Guðmundsdóttir"
                    try await session.save(known)
                }
            }
            try await database.withConnection { connection in
                try await connection.bulkInsert((1...1_000).map { Album(artistID: 2, title: "Live \($0)") })
                try await connection.upsert([Artist(id: 2, name: "John Cale")])
            }
            let album = Album.columns
            try await database.execute(
                album.update(album.set(\.title, to: album.title.appending(" (live)"))).where(album.title == "Live 7")
            )
            try await database.execute(album.delete().where(album.title.hasPrefix("Live")))
            try await database.withTransaction { connection in
                let artist = try await connection.get(Artist.self, 2)
                try await connection.update(Artist(id: artist.id, name: artist.name.uppercased()))
            }
            #expect(
                try await database.fetchAll(Artist.all.orderBy(Artist.columns.id), limit: 5).map(\.name) == [
                    "Björk Guðmundsdóttir", "JOHN CALE", "Eno",
                ]
            )
            #expect(try await database.fetchAll(Album.all, limit: 10).count == 4)
        }
    }

    @Test func aggregates() async throws {
        try await withMusic { database, _ in
            let album = Album.columns
            let perArtist: [(Int, Int)] = try await database.fetchAll(
                album.select(album.artistID, count().expression).groupBy(album.artistID)
                    .having(count().expression > 1),
                limit: 100
            )
            let busy = try await database.fetchAll(
                Artist.where { $0.id.in(album.select(album.artistID).where(album.title.hasPrefix("P"))) },
                limit: 100
            )
            #expect(perArtist.count == 1 && perArtist.first?.1 == 2 && busy.map(\.name) == ["Björk"])
        }
    }
}
