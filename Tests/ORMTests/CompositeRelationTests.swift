import Roost
import RoostORM
import RoostQuery
import Testing

@Suite(.serialized) struct CompositeRelationTests {
    /// Bills 1 to 3 of two years; bill n has n - 1 lines.
    private func fill(_ connection: any Connection) async throws -> [Bill] {
        var bills: [Bill] = []
        var lines: [BillLine] = []
        for year in [2023, 2024] {
            for number in 1...3 {
                bills.append(Bill(year: year, number: number, note: "\(year)/\(number)"))
                lines += (0..<(number - 1)).map {
                    BillLine(year: year, number: number, place: $0, item: "\(year)/\(number)/\($0)")
                }
            }
        }
        try await connection.bulkInsert(bills)
        try await connection.bulkInsert(lines)
        return bills
    }

    @Test(arguments: ORMEngine.running)
    func relationsMayHaveKeysOfSeveralColumns(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let bills = try await fill(connection)
            let b = Bill.columns
            let loaded = try await counter.expectQueries(3) {
                try await connection.fetchAll(
                    Bill.all.orderBy(b.year, b.number).including(
                        Bill.lines.orderBy { [$0.place.descending] },
                        Bill.firstLine.orderBy { [$0.place] }
                    ),
                    limit: 10
                )
            }
            #expect(loaded.map(\.model) == bills)
            #expect(loaded.map(\.related.0.count) == [0, 1, 2, 0, 1, 2])
            #expect(loaded[5].related.0.map(\.item) == ["2024/3/1", "2024/3/0"])
            #expect(loaded.map { $0.related.1?.item } == [nil, "2023/2/0", "2023/3/0", nil, "2024/2/0", "2024/3/0"])
            let limited = try await connection.load(Bill.lines.orderBy { [$0.item.descending] }.limit(1), for: bills)
            #expect(limited[2].map(\.item) == ["2023/3/1"] && limited.map(\.count) == [0, 1, 1, 0, 1, 1])
            // And back.
            let l = BillLine.columns
            let lines = try await counter.expectQueries(2) {
                try await connection.fetchAll(
                    BillLine.all.orderBy(l.year, l.number, l.place).including(BillLine.bill.required),
                    limit: 10
                )
            }
            #expect(lines.map(\.related.note) == ["2023/2", "2023/3", "2023/3", "2024/2", "2024/3", "2024/3"])
            // By a third table.
            try await connection.bulkInsert([
                Track(code: "t1", albumID: 1, seconds: 1), Track(code: "t2", albumID: 1, seconds: 2),
            ])
            try await connection.bulkInsert([
                BilledTrack(year: 2023, number: 1, trackCode: "t2"),
                BilledTrack(year: 2024, number: 1, trackCode: "t1"),
                BilledTrack(year: 2024, number: 1, trackCode: "t2"),
            ])
            let tracks = try await connection.load(Bill.tracks.orderBy { [$0.code] }, for: bills)
            #expect(tracks.map { $0.map(\.code) } == [["t2"], [], [], ["t1", "t2"], [], []])
            #expect(tracks[3][0].link.year == 2024)
            // Too few columns are said so.
            let wrong = Bill.hasMany(BillLine.self, by: \.year) { CompositeKey($0.year, $0.number) }
            #expect(await condition { _ = try await connection.load(wrong, for: bills) } == .misuse)
        }
    }

    @Test(arguments: ORMEngine.running)
    func relationsMayComeByAJoin(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let bills = try await fill(connection)
            let b = Bill.columns
            let query = Bill.all.orderBy(b.year.descending, b.number)
            let loaded = try await counter.expectQueries(1) {
                try await connection.fetchAll(
                    query.joining(Bill.lines.where { $0.item != "2024/3/7" }.orderBy { [$0.place.descending] }),
                    limit: 6
                )
            }
            #expect(loaded.map(\.note) == ["2024/1", "2024/2", "2024/3", "2023/1", "2023/2", "2023/3"])
            #expect(loaded.map(\.related.count) == [0, 1, 2, 0, 1, 2])
            #expect(loaded[2].related.map(\.item) == ["2024/3/1", "2024/3/0"])
            let narrowed = Bill.lines.where { $0.place == 1 }
            let some = try await connection.fetchAll(query.joining(narrowed), limit: 6)
            #expect(some.map(\.related.count) == [0, 0, 1, 0, 0, 1])
            // To one, with a limit, and what is required.
            let l = BillLine.columns
            let lines = try await counter.expectQueries(1) {
                try await connection.fetchAll(
                    BillLine.where { $0.year == 2024 }.orderBy(l.item).limit(2).joining(BillLine.bill.required),
                    limit: 2
                )
            }
            #expect(lines.map(\.related) == [bills[4], bills[5]])
            // A table with itself; MySQL's temporary tables, which these are, can be named only once.
            if engine != .mysql {
                let boss = try await connection.insert(Employee(name: "boss"))
                try await connection.insert(contentsOf: ["a", "b"].map { Employee(name: $0, managerID: boss.id) })
                let manager = Employee.belongs(to: Employee.self, by: \.managerID, \.managerID)
                let e = Employee.columns
                let staff = try await connection.fetchAll(Employee.all.orderBy(e.name).joining(manager), limit: 5)
                #expect(staff.map { $0.related?.name } == ["boss", "boss", nil])
                let reports = try await connection.fetchAll(
                    Employee.where { $0.managerID.isNull }.joining(Employee.reports.orderBy { [$0.name.descending] }),
                    limit: 5
                )
                #expect(reports.map { $0.related.map(\.name) } == [["b", "a"]])
            }
            // Softly deleted rows are related to nothing.
            let artist = try await connection.insert(Artist(name: "x"))
            let album = try await connection.insert(Album(artistID: try #require(artist.id), title: "gone"))
            try await connection.delete(album)
            let artists = try await connection.fetchAll(Artist.all.joining(Artist.albums), limit: 5)
            #expect(artists.map(\.related) == [[]])
            // What would be wrong is refused.
            #expect(
                await condition { _ = try await connection.fetchAll(query.joining(Bill.lines), limit: 5) }
                    == .tooManyRows
            )
            for wrong in [query.limit(2).joining(Bill.lines), query.joining(Bill.lines.limit(1))] {
                #expect(await condition { _ = try await connection.fetchAll(wrong, limit: 9) } == .misuse)
            }
            let unnamed = Employee.all.joining(Employee.manager)
            #expect(await condition { _ = try await connection.fetchAll(unnamed, limit: 9) } == .misuse)
        }
    }

    @Test(arguments: ORMEngine.running)
    func anEmbeddedStructMayBeMissing(engine: ORMEngine) async throws {
        try await engine.withTables { connection, _ in
            var bills = [
                Bill(year: 1, number: 1, note: "none"),
                Bill(year: 1, number: 2, note: "some", contact: Contact(name: "Ana")),
            ]
            try await connection.bulkInsert(bills)
            let b = Bill.columns
            #expect(try await connection.fetchAll(Bill.all.orderBy(b.number), limit: 3) == bills)
            #expect(try await connection.fetchAll(Bill.where { $0.contact.name.isNull }, limit: 3) == [bills[0]])
            bills[0].contact = Contact(name: "Bo", city: "Köln")
            bills[1].contact = nil
            try await connection.update(contentsOf: bills)
            #expect(try await connection.fetchAll(Bill.all.orderBy(b.number), limit: 3) == bills)
        }
    }

    @Test(arguments: ORMEngine.running)
    func oneColumnMaySayWhichModelAnotherRefersTo(engine: ORMEngine) async throws {
        try await engine.withTables { connection, counter in
            let artist = try await connection.insert(Artist(name: "Björk"))
            let album = try await connection.insert(Album(artistID: try #require(artist.id), title: "Debut"))
            let (artistID, albumID) = (try #require(artist.id), try #require(album.id))
            try await connection.insert(contentsOf: [
                Comment(kind: "artist", subjectID: artistID, words: "of her"),
                Comment(kind: "album", subjectID: albumID, words: "of it"),
            ])
            let comments = try await counter.expectQueries(3) {
                try await connection.fetchAll(
                    Comment.all.orderBy(Comment.columns.id).including(Comment.artist, Comment.album),
                    limit: 5
                )
            }
            #expect(comments.map(\.related.0) == [artist, nil])
            #expect(comments.map { $0.related.1?.title } == [nil, "Debut"])
            let artists = try await connection.fetchAll(Artist.all.including(Artist.comments), limit: 5)
            #expect(artists.map { $0.related.map(\.words) } == [["of her"]])
        }
    }
}
