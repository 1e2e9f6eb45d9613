import ArgumentParser
import Foundation
import Roost
import RoostFormats
import RoostSchema

/// `roost schema`
struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Look at the structure of a database.",
        subcommands: [Inspect.self, Diff.self, Dump.self, Docs.self, Codegen.self]
    )

    /// `roost schema inspect`
    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Print tables, columns, keys, indexes, checks, views, routines and triggers.",
            discussion: """
                Examples:
                  roost schema inspect sqlite:shop.sqlite
                  roost schema inspect shop customer orders
                  roost schema inspect shop -o json | jq '.tables[].name'
                """
        )
        @OptionGroup var common: CommonOptions
        @Argument(help: "A connection's name, a URL, or a file that `schema dump --format json` wrote.") var target:
            String?
        @Argument(help: "Only these tables.") var tables: [String] = []
        @Option(name: .shortAndLong, help: "table or json.") var output: OutputFormat = .table

        func validate() throws { try requireTableOrJSON(output) }

        func run() async throws {
            var schema = try await common.schema(target)
            if !tables.isEmpty { try schema.keep(tables: tables) }
            if output == .json { try writeJSON(schema) } else { SchemaPrinter(width: Terminal.width).print(schema) }
        }
    }

    /// `roost schema diff`
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff",
            abstract:
                "Tell what has to change in one database so that it is like another; exit code 3 when anything has to.",
            discussion: """
                Examples:
                  roost schema diff staging production
                  roost schema diff production schema.json     # against a dump
                  roost schema diff staging production --sql   # the statements
                  roost schema diff staging production -o json | jq -r '.[].description'
                """
        )
        @OptionGroup var common: CommonOptions
        @Argument(help: "What is: a connection's name, a URL or a dump in JSON.") var from: String
        @Argument(help: "What should be: a connection's name, a URL or a dump in JSON.") var to: String
        @Option(name: .shortAndLong, help: "table or json.") var output: OutputFormat = .table
        @Flag(help: "Print the statements that would make the change.") var sql = false

        func validate() throws { try requireTableOrJSON(output) }

        private struct Entry: Encodable {
            let description: String
            let change: Schema.Change
        }

        func run() async throws {
            let source = try await common.schema(from)
            let target = try await common.schema(to)
            let (left, right) = (CommonOptions.shown(from), CommonOptions.shown(to))
            guard source.engine == target.engine else {
                throw CommandFailure(
                    status: .failed,
                    message:
                        "\(left) is a \(source.engine.rawValue) database and \(right) one of \(target.engine.rawValue). Only schemas of one engine can be compared."
                )
            }
            let changes = source.changes(to: target)
            if sql {
                for statement in try source.definitions(of: changes, to: target) { Terminal.write("\(statement);\n") }
            } else if output == .json {
                try writeJSON(changes.map { Entry(description: $0.description, change: $0) })
            } else if !changes.isEmpty {
                for change in changes { Terminal.write(DisplayWidth.visible("\(change)") + "\n") }
            }
            guard !changes.isEmpty else { return Terminal.note("No difference.") }
            throw CommandFailure(
                status: .findings,
                message: "\(changes.count) change\(changes.count == 1 ? "" : "s") from \(left) to \(right)."
            )
        }
    }

    /// `roost schema dump`
    struct Dump: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "dump",
            abstract: "Print the structure as statements that make it again, or as JSON.",
            discussion: """
                Examples:
                  roost schema dump shop > schema.sql
                  roost schema dump shop --format json > schema.json
                """
        )
        @OptionGroup var common: CommonOptions
        @Argument(help: "A connection's name or a URL.") var target: String?
        @Option(help: "sql or json.") var format: Format = .sql

        enum Format: String, ExpressibleByArgument, CaseIterable { case sql, json }

        func run() async throws {
            let schema = try await common.schema(target)
            switch format {
            case .json: try writeJSON(schema)
            case .sql: for statement in try schema.definitions() { Terminal.write("\(statement);\n\n") }
            }
        }
    }

    /// `roost schema docs`
    struct Docs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "docs",
            abstract: "Write a page about a database, with a drawing of its tables.",
            discussion: """
                HTML has the drawing in it; Markdown has it in a file beside, when it is written to one.

                Examples:
                  roost schema docs shop --to shop.html
                  roost schema docs shop --to docs/shop.md     # and docs/shop.svg
                  roost schema docs shop --format svg > shop.svg
                """
        )
        @OptionGroup var common: CommonOptions
        @Argument(help: "A connection's name, a URL or a dump in JSON.") var target: String?
        @Option(help: "html, markdown or svg; from the file's name when there is one.") var format: Format?
        @Option(help: "The file to write; standard output without one.") var to: String?
        @Option(help: "The page's title.") var title: String?

        enum Format: String, ExpressibleByArgument, CaseIterable { case html, markdown, svg }

        func run() async throws {
            let schema = try await common.schema(target)
            let kind = to.map { URL(filePath: $0).pathExtension.lowercased() }
            let format = format ?? (kind == "html" || kind == "htm" ? .html : kind == "svg" ? .svg : .markdown)
            // A URL may hold a password, and a page is for others to read.
            let isName = target.map { !$0.contains(":") && !$0.contains("/") } ?? false
            let title = title ?? (isName ? target : nil) ?? "Database"
            switch format {
            case .html: try write(schema.html(title: title), to: to)
            case .svg: try write(schema.diagram(), to: to)
            case .markdown:
                guard let to else { return Terminal.write(schema.markdown(title: title)) }
                let drawing = URL(filePath: to).deletingPathExtension().appendingPathExtension("svg")
                try write(schema.diagram(), to: drawing.path(percentEncoded: false))
                try write(schema.markdown(title: title, diagram: drawing.lastPathComponent), to: to)
            }
        }

        private func write(_ text: String, to path: String?) throws {
            guard let path else { return Terminal.write(text) }
            do {
                try Data(text.utf8).write(to: URL(filePath: path))
            } catch {
                throw CommandFailure(status: .failed, message: "The file \(path) cannot be written.")
            }
            Terminal.note("Wrote \(path)")
        }
    }

    /// `roost schema codegen`
    struct Codegen: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "codegen",
            abstract: "Print Swift structs that read the rows of a database's tables.",
            discussion: """
                Examples:
                  roost schema codegen shop > Sources/Shop/Models.swift
                  roost schema codegen shop customer orders
                """
        )
        @OptionGroup var common: CommonOptions
        @Argument(help: "A connection's name, a URL or a dump in JSON.") var target: String?
        @Argument(help: "Only these tables.") var tables: [String] = []

        func run() async throws {
            var schema = try await common.schema(target)
            if !tables.isEmpty { try schema.keep(tables: tables) }
            Terminal.write(schema.swiftModels())
        }
    }
}

extension CommonOptions {
    /// The schema of a database, or the one a dump holds.
    func schema(_ target: String?) async throws -> Schema {
        if let target, target.hasSuffix(".json"), let data = FileManager.default.contents(atPath: target) {
            do {
                return try JSONDecoder().decode(Schema.self, from: data)
            } catch {
                throw CommandFailure(
                    status: .failed,
                    message: "\(target) holds no schema. Write one with roost schema dump --format json."
                )
            }
        }
        return try await withConnection(target) { try await Schema.read(from: $0) }
    }
}

extension Schema {
    /// Leaves the tables of those names and their triggers.
    ///
    /// - Throws: `CommandFailure` for a name that no table has.
    fileprivate mutating func keep(tables list: [String]) throws {
        let names = Set(list)
        let known = Set(tables.map(\.name.description))
        if let unknown = list.first(where: { !known.contains($0) }) {
            throw CommandFailure(status: .failed, message: "There is no table \(unknown).")
        }
        tables.removeAll { !names.contains($0.name.description) }
        triggers.removeAll { !names.contains($0.table.description) }
        privileges.removeAll { !names.contains($0.object.description) }
        views = []
        routines = []
        sequences = []
        enumerations = []
        domains = []
        composites = []
        ranges = []
    }
}

private func requireTableOrJSON(_ output: OutputFormat) throws {
    guard output == .table || output == .json else { throw ValidationError("--output must be table or json here.") }
}

private func writeJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    Terminal.write([UInt8](try encoder.encode(value)) + [0x0A])
}
