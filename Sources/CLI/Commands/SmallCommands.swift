import ArgumentParser
import Foundation
import Roost
import RoostConfiguration
import RoostFormats

/// `roost version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() {
        Terminal.write("roost \(RoostVersion.text) (\(linkedDrivers.schemes.joined(separator: ", ")))\n")
    }
}

/// `roost completion`
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a completion script for a shell.",
        discussion: "Example: roost completion bash > ~/.local/share/bash-completion/completions/roost"
    )

    @Argument(help: "bash, zsh or fish.") var shell: String

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell) else {
            throw ValidationError("The shell must be bash, zsh or fish.")
        }
        Terminal.write(RoostCommand.completionScript(for: shell) + "\n")
    }
}

/// `roost init`
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a roost.yaml to begin with.",
        discussion: "Example: roost init --url sqlite:shop.sqlite"
    )

    @Option(name: .long, help: "The URL of the first connection.") var url = "sqlite:roost.sqlite?mode=rwc"
    @Option(name: .long, help: "The name of the first connection.") var name = "main"

    func run() throws {
        let path = "roost.yaml"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                status: .usage,
                message: "roost.yaml exists already; add to it with roost connections add."
            )
        }
        let parsed = try DatabaseURL(url)
        guard parsed.password == nil else {
            throw CommandFailure(
                status: .usage,
                message: "The URL holds a password; leave it out and add password: {env: NAME} to roost.yaml."
            )
        }
        let text = """
            # Connections by name. Passwords come by reference: password: {env: NAME}, {file: path} or {command: [program, argument]}.
            connections:
              \(name):
                url: "\(url)"
            """
        try (text + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        Terminal.note("Wrote roost.yaml. Try: roost doctor, roost shell \(name)")
    }
}

/// `roost connections`
struct ConnectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "List, add and test connections.",
        subcommands: [List.self, Add.self, Test.self]
    )

    /// `roost connections list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the connections of roost.yaml."
        )
        @OptionGroup var common: CommonOptions
        @Option(name: .shortAndLong, help: "table, csv, json, …") var output: OutputFormat = .table

        func run() throws {
            let project = try common.project()
            let environment = try common.environment()
            let columns = ColumnList(
                ["name", "url", "password", "labels", "description"].map { ColumnDescription(name: $0) }
            )
            var writer = ResultWriter(output, columns: columns, options: OutputOptions(width: Terminal.width))
            for connection in project.connections {
                let shown: String
                if let text = try? environment.expanding(connection.url), let url = try? DatabaseURL(text) {
                    shown = "\(url)"
                } else {
                    shown = "(cannot be read)"
                }
                writer.write([
                    .text(connection.name), .text(shown),
                    connection.password.map { .text(Self.source(of: $0)) } ?? .null,
                    .text(connection.labels.joined(separator: " ")), connection.description.map(Value.text) ?? .null,
                ])
            }
            writer.end()
            Terminal.write(writer.takeBytes())
        }

        static func source(of reference: SecretReference) -> String {
            switch reference {
            case .environment(let name): "env \(name)"
            case .file(let path): "file \(path)"
            case .command(let arguments): "command \(arguments.first ?? "")"
            case .literal: "in roost.yaml"
            }
        }
    }

    /// `roost connections add`
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Add a connection to roost.yaml.",
            discussion: "Example: roost connections add shop sqlite:shop.sqlite"
        )
        @OptionGroup var common: CommonOptions
        @Argument(help: "Its name.") var name: String
        @Argument(help: "Its URL.") var url: String
        @Option(name: .long, help: "The environment variable that holds its password.") var passwordEnv: String?

        func run() throws {
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }), !name.isEmpty else {
                throw ValidationError("A name may have letters, digits, - _ and . only.")
            }
            guard try DatabaseURL(url).password == nil else {
                throw CommandFailure(
                    status: .usage,
                    message: "The URL holds a password; leave it out and use --password-env NAME."
                )
            }
            let project = try common.project()
            guard !project.connections.contains(where: { $0.name == name }) else {
                throw CommandFailure(status: .usage, message: "There is a connection \(name) already.")
            }
            let path = project.file ?? "roost.yaml"
            var entry = "  \(name):\n    url: \"\(url.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"\n"
            if let passwordEnv { entry += "    password: {env: \(passwordEnv)}\n" }
            var text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            if let range = text.ranges(of: "connections:\n").first(where: {
                $0.lowerBound == text.startIndex || text[text.index(before: $0.lowerBound)].isNewline
            }) {
                text.insert(contentsOf: entry, at: range.upperBound)
            } else {
                text += (text.isEmpty || text.hasSuffix("\n") ? "" : "\n") + "connections:\n" + entry
            }
            _ = try ProjectConfiguration.parse(text, file: path)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            Terminal.note("Added \(name) to \(path).")
        }
    }

    /// `roost connections test`
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Connect to one connection or to all of them.",
            discussion: "Exits with 4 when one cannot be reached."
        )
        @OptionGroup var common: CommonOptions
        @Argument(help: "Names or URLs; without any, all of roost.yaml.") var targets: [String] = []

        func run() async throws {
            let names = targets.isEmpty ? try common.project().connections.map(\.name) : targets
            guard !names.isEmpty else {
                throw CommandFailure(status: .usage, message: "There is no connection to test.")
            }
            var failures = 0
            for name in names {
                let start = ContinuousClock.now
                // What was typed may be a URL with a password in it.
                let shown = CommonOptions.shown(name)
                do {
                    let version = try await common.withConnection(name) { connection in
                        try await connection.ping()
                        let pinged = ContinuousClock.now
                        try await connection.ping()
                        let roundTrip = (ContinuousClock.now - pinged).formatted
                        let way = connection.transportDescription.map { "  \($0)" } ?? ""
                        return "\(connection.driverName) \(connection.serverVersion)\(way)  round trip \(roundTrip)"
                    }
                    let total = (ContinuousClock.now - start).formatted
                    Terminal.write("ok      \(shown)  \(version)  connected in \(total)\n")
                } catch let error as CancellationError {
                    throw error
                } catch {
                    failures += 1
                    Terminal.write("failed  \(shown)\n")
                    Terminal.note(ErrorReport.text(for: error))
                }
            }
            if failures > 0 {
                throw CommandFailure(
                    status: .cannotConnect,
                    message: "\(failures) of \(names.count) connections failed."
                )
            }
        }
    }
}

extension Duration {
    /// `1.234 ms`, `2.5 s`
    var formatted: String {
        let seconds = Double(components.seconds) + Double(components.attoseconds) / 1e18
        return seconds < 1 ? String(format: "%.3f ms", seconds * 1_000) : String(format: "%.3f s", seconds)
    }
}

/// `roost doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the configuration, the secrets and every connection.",
        discussion: "Exits with 3 when something should be changed."
    )
    @OptionGroup var common: CommonOptions

    func run() async throws {
        var findings = 0
        func say(_ isFine: Bool, _ text: String) {
            if !isFine { findings += 1 }
            Terminal.write((isFine ? "ok       " : "finding  ") + text + "\n")
        }
        Terminal.write("roost    \(RoostVersion.text), drivers for \(linkedDrivers.schemes.joined(separator: ", "))\n")
        let project = try common.project()
        say(
            true,
            project.file.map { "configuration \($0), \(project.connections.count) connections" }
                ?? "no roost.yaml; run roost init to make one"
        )
        for connection in project.connections {
            if case .literal = connection.password {
                say(false, "\(connection.name): its password stands in roost.yaml; refer to it: {env: NAME}")
            }
            if let url = try? DatabaseURL(connection.url), url.password != nil {
                say(false, "\(connection.name): its URL holds a password; refer to it: password: {env: NAME}")
            }
            do {
                let version = try await common.withConnection(connection.name) { connection in
                    try await connection.ping()
                    return "\(connection.driverName) \(connection.serverVersion)"
                }
                say(true, "\(connection.name): \(version)")
            } catch let error as CancellationError {
                throw error
            } catch {
                say(false, "\(connection.name): \(ErrorReport.text(for: error).replacing("\n", with: "\n         "))")
            }
        }
        if findings > 0 {
            throw CommandFailure(status: .findings, message: "\(findings) finding\(findings == 1 ? "" : "s").")
        }
    }
}
