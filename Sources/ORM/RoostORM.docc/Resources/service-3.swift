import Roost
import RoostORM
import RoostPostgreSQL
import Testing

func membersCostThreeStatements(_ url: String) async throws {
    let counter = QueryCounter()
    var configuration = try ConnectionConfiguration(url)
    configuration.observer = counter
    let database = try await DriverRegistry([PostgreSQLDriver()]).open(configuration)
    let library = Library(database: database)
    let members = try await counter.expectQueries(3) { try await library.members() }
    #expect(members.allSatisfy { $0.related.count <= 10 })
    await database.close()
}
