import Foundation
import Roost
import RoostPostgreSQL

let url = ProcessInfo.processInfo.environment["LIBRARY_URL"] ?? "postgresql://localhost/library"
let drivers = DriverRegistry([PostgreSQLDriver()])
let database = try await drivers.open(ConnectionConfiguration(url))
let library = Library(database: database)
for (title, loans) in try await library.favourites() { print(title, loans) }
await database.close()
