import Foundation
import RoostMigrations
import Testing

/// A folder of migration files that lives as long as a test.
struct MigrationFiles {
    let folder: URL

    init(_ files: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "roost-migrations-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files { try write(text, to: name) }
    }

    var path: String { folder.path(percentEncoded: false) }

    func write(_ text: String, to name: String) throws {
        try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }

    func graph() throws -> RevisionGraph { try RevisionGraph(try MigrationFolder(path: path).revisions) }
    func remove() { try? FileManager.default.removeItem(at: folder) }

    static func file(_ id: String, _ parents: String, _ sql: String, header: String = "") -> String {
        "-- revision: \(id)\n-- parents: \(parents)\n-- description: \(id)\n\(header)\n\(sql)\n"
    }
}

/// The error a folder or graph of these files gives.
func failure(_ files: [String: String]) throws -> MigrationError? {
    let folder = try MigrationFiles(files)
    defer { folder.remove() }
    do {
        _ = try folder.graph()
        return nil
    } catch let error as MigrationError {
        return error
    }
}
