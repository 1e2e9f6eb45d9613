import Roost
import RoostORM
import RoostQuery
import Testing

@Suite(.serialized) struct SessionTests {
    private func sent(_ counter: QueryCounter, _ word: String, since start: Int) -> [String] {
        counter.texts.dropFirst(start).map { $0.lowercased() }.filter { $0.hasPrefix(word) }
    }

    @Test(arguments: ORMEngine.running)
    func aRowIsReadOnceAndKnownAsChanged(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let id = try #require(try await connection.insert(Artist(name: "Björk")).id)
            let session = Session(on: connection)
            var artist = try #require(try await session.find(Artist.self, id))
            artist.name = "Björk Guðmundsdóttir"
            try await session.save(artist)
            let again = try await counter.expectQueries(0) { try await session.find(Artist.self, id) }
            #expect(again == artist)
            #expect(try await session.fetchAll(Artist.all, limit: 5) == [artist])
            #expect(try await connection.get(Artist.self, id).name == "Björk")
            #expect(try await session.refresh(artist).name == "Björk")
            #expect(await !session.hasChanges)
            try await session.save(artist)
            try await session.expunge(artist)
            #expect(await !session.hasChanges)
            #expect(await condition { try await session.save(artist) } == .misuse)
            try await session.merge(artist)
            try await session.flush()
            #expect(try await connection.get(Artist.self, id) == artist)
        }
    }

    @Test(arguments: ORMEngine.running)
    func insertsFollowTheirDependencies(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let session = Session(on: connection)
            let boss = try await session.add(Employee(name: "boss"))
            let lead = try await session.add(Employee(name: "lead"), setting: \.managerID, from: boss)
            try await session.add(Employee(name: "hand"), setting: \.managerID, from: lead)
            let artists = [
                try await session.add(Artist(name: "Björk")), try await session.add(Artist(name: "Cale")),
            ]
            for artist in artists + artists {
                try await session.add(Album(artistID: 0, title: "x"), setting: \.artistID, from: artist)
            }
            let start = counter.texts.count
            try await session.flush()
            // Three generations of employees, all artists together, all albums together.
            #expect(sent(counter, "insert", since: start).count == 5)
            let bossID = try #require(await session.model(of: boss)?.id)
            #expect(await session.model(of: lead)?.managerID == bossID)
            let tree = try await connection.fetchAll(
                Employee.where { $0.managerID.isNull }.including(Employee.reports.including(Employee.reports)),
                limit: 2
            )
            #expect(tree.first?.related.first?.related.map(\.name) == ["hand"])
            let loaded = try await connection.fetchAll(Artist.all.including(Artist.albums), limit: 5)
            #expect(loaded.map(\.related.count) == [2, 2])
            // Later ones may refer to what was inserted before.
            try await session.add(Employee(name: "late"), setting: \.managerID, from: boss)
            try await session.flush()
            #expect(try await connection.fetchAll(Employee.where { $0.managerID == bossID }, limit: 5).count == 2)
            #expect(try await counter.expectQueries(0) { try await session.flush() } == ())
        }
    }

    @Test(arguments: ORMEngine.running)
    func onlyChangedColumnsAreWritten(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            try await connection.insert(contentsOf: (0..<50).map { Artist(name: "a\($0)", country: "IS") })
            let session = Session(on: connection)
            var artists = try await session.fetchAll(Artist.all.orderBy(Artist.columns.id), limit: 50)
            for index in artists.indices where index % 2 == 0 {
                artists[index].name += "!"
                try await session.save(artists[index])
            }
            // Saved, but as it was.
            try await session.save(artists[1])
            // What another writes into other columns meanwhile is still there.
            let a = Artist.columns
            try await connection.execute(a.update(a.set(\.country, to: "DK")).everyRow())
            let start = counter.texts.count
            try await session.flush()
            // One text for all rows; some engines are told it once a row.
            #expect(Set(sent(counter, "update", since: start)).count == 1)
            let read = try await connection.fetchAll(Artist.all.orderBy(a.id), limit: 50)
            #expect(read.map(\.name) == artists.map(\.name))
            #expect(read.allSatisfy { $0.country == "DK" })
        }
    }

    @Test(arguments: ORMEngine.running)
    func manyAreAddedAndSavedAtOnce(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let session = Session(on: connection)
            let added = try await session.add(contentsOf: (0..<40).map { Artist(name: "a\($0)", country: "IS") })
            try await session.add(contentsOf: [Artist]())
            try await session.flush()
            var artists: [Artist] = []
            for one in added { artists.append(try #require(await session.model(of: one))) }
            #expect(artists.map(\.name) == (0..<40).map { "a\($0)" })
            #expect(Set(artists.compactMap(\.id)).count == 40)
            // Rows that change different columns are told apart, and each gets its own.
            for index in artists.indices {
                if index % 3 != 0 { artists[index].name = "b\(index)" }
                if index % 3 != 1 { artists[index].country = index % 2 == 0 ? nil : "DK" }
            }
            try await session.save(contentsOf: artists)
            let start = counter.texts.count
            try await session.flush()
            #expect(Set(sent(counter, "update", since: start)).count == 3)
            #expect(try await connection.fetchAll(Artist.all.orderBy(Artist.columns.id), limit: 50) == artists)
            #expect(try await counter.expectQueries(0) { try await session.flush() } == ())
            // One that is not known is refused, and those before it are saved.
            artists[0].name = "first"
            let unknown = Artist(id: 1_000_000, name: "nobody")
            #expect(await condition { try await session.save(contentsOf: [artists[0], unknown]) } == .misuse)
            try await session.flush()
            #expect(try await connection.get(Artist.self, try #require(artists[0].id)) == artists[0])
        }
    }

    @Test(arguments: ORMEngine.running)
    func aFailedFlushWritesNothingAndForgetsNothing(engine: ORMEngine) async throws {
        try await engine.withTables { connection, _ in
            let id = try #require(try await connection.insert(Album(artistID: 1, title: "Post")).id)
            let session = Session(on: connection)
            var mine = try #require(try await session.find(Album.self, id))
            var theirs = mine
            theirs.title = "theirs"
            theirs = try await connection.update(theirs)
            mine.title = "mine"
            try await session.save(mine)
            let added = try await session.add(Artist(name: "new"))
            #expect(await condition { try await session.flush() } == .staleWrite)
            #expect(try await connection.fetchAll(Artist.all, limit: 5) == [])
            #expect(await session.hasChanges)
            #expect(await session.model(of: added)?.id == nil)
            var fresh = try await session.refresh(mine)
            #expect(fresh == theirs)
            fresh.title = "mine again"
            try await session.save(fresh)
            try await session.flush()
            #expect(await session.model(of: added)?.id != nil)
            let read = try await connection.get(Album.self, id)
            #expect(read.title == "mine again" && read.version == 3 && read.updatedAt >= theirs.updatedAt)
            // What the session knows now is what is there: a further change is no stale write.
            fresh = try #require(try await session.find(Album.self, id))
            #expect(fresh == read)
            fresh.title = ""
            try await session.save(fresh)
            #expect(await condition { try await session.flush() } == .validationFailed)
            fresh.title = "good"
            try await session.save(fresh)
            try await session.flush()
            #expect(try await connection.get(Album.self, id).version == 4)
        }
    }

    @Test(arguments: ORMEngine.running)
    func deletesCascadeWhereTheyAreTold(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let boss = try await connection.insert(Employee(name: "boss"))
            try await connection.insert(contentsOf: ["a", "b"].map { Employee(name: $0, managerID: boss.id) })
            let other = try await connection.insert(Employee(name: "other"))
            let session = Session(on: connection)
            try await session.delete(boss, cascading: Employee.reports)
            #expect(try await session.find(Employee.self, try #require(boss.id)) == nil)
            let start = counter.texts.count
            try await session.flush()
            #expect(sent(counter, "delete", since: start).count == 1)
            #expect(try await connection.fetchAll(Employee.all, limit: 5) == [other])
            // A row that another deleted is a stale write, and the delete can be taken back.
            try await session.delete(other)
            try await connection.delete(other)
            #expect(await condition { try await session.flush() } == .staleWrite)
            try await session.expunge(other)
            try await session.flush()
            // In an open transaction a session is part of it.
            try await connection.begin()
            try await session.add(Employee(name: "undone"))
            try await session.flush()
            try await connection.rollback()
            #expect(try await connection.fetchAll(Employee.all, limit: 5) == [])
        }
    }
}
