import ArgumentParser
import Foundation
import Roost

/// `roost shell`
struct ShellCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Work with a database at a prompt.",
        discussion: """
            Statements end with a semicolon and may span lines. \\? lists the commands; they are psql's.
            Example: roost shell sqlite:shop.sqlite
            """
    )
    @OptionGroup var common: CommonOptions
    @Argument(help: "A connection's name or a URL.") var target: String?

    func run() async throws {
        try await common.withConnection(target) { connection in
            let editor = LineEditor(historyPath: Self.historyPath(ProcessInfo.processInfo.environment))
            if Terminal.isInteractive {
                Terminal.note(
                    "roost \(RoostVersion.text), \(connection.driverName) \(connection.serverVersion). \\? for help, \\q to leave."
                )
                if !editor.canEdit { Terminal.note("Install libedit for line editing and history.") }
            }
            var shell = Shell(connection: connection, editor: editor)
            try await shell.run()
        }
    }

    /// Where the XDG Base Directory Specification wants a program's state; an empty variable counts as unset.
    private static func historyPath(_ environment: [String: String]) -> String {
        func folder(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        // NSHomeDirectory asks the user database alone.
        let state = folder("XDG_STATE_HOME") ?? (folder("HOME") ?? NSHomeDirectory()) + "/.local/state"
        return state + "/roost/history"
    }
}
