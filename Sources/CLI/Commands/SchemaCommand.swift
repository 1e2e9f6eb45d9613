import ArgumentParser
import Foundation
import Roost
import RoostFormats

/// `roost schema`
struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Look at the structure of a database.",
        subcommands: [Inspect.self]
    )

    /// `roost schema inspect`
    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Print tables, columns, keys, indexes, checks, views and triggers.",
            discussion: """
                Examples:
                  roost schema inspect sqlite:shop.sqlite
                  roost schema inspect shop customer orders
                  roost schema inspect shop -o json | jq '.tables[].name'
                """
        )
        @OptionGroup var common: CommonOptions
        @Argument(help: "A connection's name or a URL.") var target: String?
        @Argument(help: "Only these tables.") var tables: [String] = []
        @Option(name: .shortAndLong, help: "table or json.") var output: OutputFormat = .table

        func validate() throws {
            guard output == .table || output == .json else {
                throw ValidationError("--output must be table or json here.")
            }
        }

        func run() async throws {
            var schema = try await common.withConnection(target) { connection in
                guard let connection = connection as? any SchemaInspectingConnection else {
                    throw CommandFailure(
                        status: .failed,
                        message: "The driver \(connection.driverName) cannot read schemas yet."
                    )
                }
                return try await connection.inspectSchema()
            }
            if !tables.isEmpty {
                let known = Set(schema.tables.map(\.name))
                if let unknown = tables.first(where: { !known.contains($0) }) {
                    throw CommandFailure(status: .failed, message: "There is no table \(unknown).")
                }
                schema.tables.removeAll { !tables.contains($0.name) }
                schema.triggers.removeAll { !tables.contains($0.table ?? "") }
                schema.views = []
            }
            if output == .json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                Terminal.write([UInt8](try encoder.encode(schema)) + [0x0A])
            } else {
                SchemaPrinter(width: Terminal.width).print(schema)
            }
        }
    }
}

/// Prints a schema for people.
struct SchemaPrinter {
    let width: Int?

    func print(_ schema: DatabaseSchema) {
        for table in schema.tables { print(table) }
        for view in schema.views { Terminal.write("View \(view.name)\n  \(oneLine(view.sql))\n\n") }
        for trigger in schema.triggers {
            Terminal.write("Trigger \(trigger.name) on \(trigger.table ?? "?")\n  \(oneLine(trigger.sql))\n\n")
        }
        Terminal.note("\(schema.tables.count) tables, \(schema.views.count) views, \(schema.triggers.count) triggers")
    }

    func print(_ table: DatabaseSchema.Table) {
        Terminal.write("Table \(table.name)\n")
        let names = ["column", "type", "null", "default", "key"]
        var writer = ResultWriter(
            .table,
            columns: ColumnList(names.map { ColumnDescription(name: $0, kind: .text) }),
            options: OutputOptions(width: width, null: "")
        )
        for column in table.columns {
            var keys: [String] = []
            if let position = table.primaryKey.firstIndex(of: column.name) {
                keys.append(table.primaryKey.count > 1 ? "PK\(position + 1)" : "PK")
            }
            if table.foreignKeys.contains(where: { $0.columns.contains(column.name) }) { keys.append("FK") }
            if column.isGenerated { keys.append("generated") }
            writer.write([
                .text(column.name), .text(column.type), .text(column.isNullable ? "yes" : "no"),
                column.defaultValue.map(Value.text) ?? .null, .text(keys.joined(separator: " ")),
            ])
        }
        writer.end()
        Terminal.write(writer.takeBytes())
        for key in table.foreignKeys {
            let columns = key.referencedColumns.isEmpty ? "" : "(\(key.referencedColumns.joined(separator: ", ")))"
            var line = "  foreign key (\(key.columns.joined(separator: ", "))) → \(key.referencedTable)\(columns)"
            if key.onDelete != "NO ACTION" { line += " on delete \(key.onDelete.lowercased())" }
            if key.onUpdate != "NO ACTION" { line += " on update \(key.onUpdate.lowercased())" }
            Terminal.write(line + "\n")
        }
        for index in table.indexes {
            let kind = (index.isUnique ? "unique " : "") + (index.isPartial ? "partial " : "") + "index"
            Terminal.write("  \(kind) \(index.name) (\(index.columns.joined(separator: ", ")))\n")
        }
        for check in table.checks { Terminal.write("  check (\(oneLine(check)))\n") }
        Terminal.write("\n")
    }

    private func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
