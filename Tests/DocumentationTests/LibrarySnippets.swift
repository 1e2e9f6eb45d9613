import Roost
import RoostSQLite
import Testing

// The Swift blocks of README.md and Documentation, compiled and, where they need no file of their own, run.
// DocumentationTests finds each of them here word for word; the order is that of the documents.

enum ReadmeSnippets {
    static func customers(in city: String) async throws {
        let database = try await DriverRegistry([SQLiteDriver()]).open(ConnectionConfiguration("sqlite:shop.sqlite"))
        try await database.query("select id, name, email from customer where city = \(city)") { rows in
            for try await (id, name, email) in rows.decode((Int, String, String?).self) {
                print(id, name, email ?? "-")
            }
        }
    }
}

@Suite struct LibrarySnippets {
    static func open() async throws -> Database {
        let drivers = DriverRegistry([SQLiteDriver()])
        let database = try await drivers.open(ConnectionConfiguration("sqlite:shop.sqlite?mode=rwc"))
        return database
    }

    /// A shop in memory.
    private func withShop(_ body: (Database) async throws -> Void) async throws {
        let database = try await DriverRegistry([SQLiteDriver()]).open(ConnectionConfiguration("sqlite::memory:"))
        try await database.execute("create table customer (id integer primary key, name text not null, city text)")
        try await database.execute("create table move (customer_id integer references customer (id), city text)")
        let rows = [(1, "Ana", "Lisboa"), (2, "Pat", "Cork"), (3, "Åse", nil)]
        for (id, name, city) in rows as [(Int, String, String?)] {
            try await database.execute("insert into customer values (\(id), \(name), \(city))")
        }
        try await body(database)
        await database.close()
    }

    @Test func statements() async throws {
        try await withShop { database in
            let (name, city, cities) = ("O'Brien", "Cork", ["Cork", "Praha"])
            try await database.execute("insert into customer (name, city) values (\(name), \(city))")
            try await database.query("select name from customer where city in (\(list: cities))") { rows in
                for try await name in rows.decode(String.self) { print(name) }
            }
        }
    }

    @Test func rowsBecomeTuples() async throws {
        try await withShop { database in
            let pairs = try await database.fetchAll(
                "select name, city from customer",
                as: (String, String?).self,
                limit: 1_000
            )
            #expect(pairs.count == 3)
            #expect(pairs[2] == ("Åse", nil))
        }
    }

    @Test func rowsBecomeWhatAnInitializerMakes() async throws {
        try await withShop { database in
            struct Customer {
                var id: Int
                var name: String
                var city: String?
            }

            let customers = try await database.query("select id, name, city from customer") { rows in
                try await rows.map(Customer.init, limit: 1_000)
            }
            #expect(customers.map(\.id) == [1, 2, 3])
            #expect(customers[1].name == "Pat")
            #expect(customers[2].city == nil)
        }
    }

    @Test func rowsBecomeRowDecodables() async throws {
        struct City: RowDecodable {
            static let columnNames: [String]? = ["city", "customers"]

            var name: String?
            var customers: Int

            init(from row: inout RowReader) throws(DatabaseError) {
                name = try row.next()
                customers = try row.next()
            }
        }
        try await withShop { database in
            let cities = try await database.fetchAll(
                "select count(*) as customers, city from customer group by city order by city",
                as: City.self,
                limit: 10
            )
            #expect(cities.map(\.name) == [nil, "Cork", "Lisboa"])
            #expect(cities.allSatisfy { $0.customers == 1 })
        }
    }

    @Test func rowsBecomeDecodables() async throws {
        try await withShop { database in
            struct Place: Decodable {
                var city: String?
                var customers: Int
            }

            let count: Statement = "select city, count(*) as customers from customer group by city"
            let places = try await database.query(count) { rows in
                try await rows.fetchAll(decodable: Place.self, limit: 1_000)
            }
            #expect(places.count == 3)
        }
    }

    @Test func manyRows() async throws {
        let connection = try await SQLiteDriver().connect(ConnectionConfiguration("sqlite::memory:"))
        try await connection.execute("create table customer (id integer primary key, name text, city text)")
        let ids = try await connection.executeMany(
            "insert into customer (name, city) values (?, ?) returning id",
            [("Ana", "Lisboa"), ("Pat", "Cork")],
            returning: Int.self
        )
        #expect(ids == [1, 2])
    }

    @Test func transactionsAndErrors() async throws {
        try await withShop { database in
            let (id, city) = (99, "Praha")
            do {
                try await database.withTransaction(retry: .standard) { connection in
                    try await connection.execute("update customer set city = \(city) where id = \(id)")
                    try await connection.execute("insert into move (customer_id, city) values (\(id), \(city))")
                }
            } catch let error as DatabaseError where error.condition == .foreignKeyViolation {
                print("There is no such customer.")
            }
        }
    }

    @Test func workRunsWhereTheConnectionRuns() async throws {
        try await withShop { database in
            let cities = ["Cork", "Lisboa", "Praha"]
            let total = try await database.withConnection(for: .reading) { connection in
                var total = 0
                for city in cities {
                    let rows = try await connection.query("select count(*) from customer where city = \(city)")
                    total += try await rows.decode(Int.self).fetchOnly()
                }
                return total
            }
            #expect(total == 2)
        }
        let connection = try await SQLiteDriver().connect(ConnectionConfiguration("sqlite::memory:"))
        let sum = try await connection.run { connection in
            var sum = 0
            for number in 1...100 {
                sum += try await connection.query("select \(number)").decode(Int.self).fetchOnly()
            }
            return sum
        }
        #expect(sum == 5_050)
        let count = try await withTaskExecutorPreference(connection.taskExecutor) {
            try await countCustomers(on: connection)
        }
        #expect(count == 0)
    }
}

@concurrent
private func countCustomers(on connection: SQLiteConnection) async throws -> Int {
    try await connection.execute("create table customer (id integer primary key)")
    return try await connection.query("select count(*) from customer").decode(Int.self).fetchOnly()
}
