import ArgumentParser
import Dispatch
import Roost

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The command line.
@main
struct RoostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roost",
        abstract: "One tool for every database of an estate.",
        discussion: """
            A database is named by its connection in roost.yaml or by a URL:

              roost query sqlite:shop.sqlite "select count(*) from customer"
              roost query shop -p city=Oslo "select name from customer where city = :city" -o csv
              roost shell shop
              roost schema inspect shop

            Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 findings, 4 cannot connect or log in, 5 timed out or
            cancelled, 6 partly done, 7 integrity broken, 130 interrupted.
            """,
        version: RoostVersion.text,
        subcommands: [
            QueryCommand.self, ShellCommand.self, CopyCommand.self, DiffCommand.self, PipelineCommand.self,
            ConnectionsCommand.self,
            SchemaCommand.self, MigrateCommand.self, InitCommand.self, DoctorCommand.self, DemoCommand.self,
            CompletionCommand.self,
            VersionCommand.self,
        ]
    )

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        let status = await Interruption.watch { await run(Array(CommandLine.arguments.dropFirst())) }
        Terminal.endProcess(status)
    }

    private static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch {
            return report(error)
        }
    }

    private static func report(_ error: any Error) -> Int32 {
        if error is DatabaseError || error is CommandFailure || error is CancellationError || !isParserError(error) {
            Terminal.note(ErrorReport.text(for: error))
            return ExitStatus(for: error).rawValue
        }
        let code = exitCode(for: error)
        let message = fullMessage(for: error)
        guard code != .success else {
            Terminal.write(message + "\n")
            return ExitStatus.done.rawValue
        }
        Terminal.note(message)
        return ExitStatus.usage.rawValue
    }

    /// Errors of the parser print themselves, with the usage.
    private static func isParserError(_ error: any Error) -> Bool {
        error is ValidationError || error is CleanExit || "\(type(of: error))".contains("CommandError")
            || exitCode(for: error) != .failure
    }
}

/// Ctrl-C: the first ends the running statement in the database, the second the process.
enum Interruption {
    static func watch(_ work: @escaping @Sendable () async -> Int32) async -> Int32 {
        signal(SIGINT, SIG_IGN)
        Terminal.keepOutputOnInterrupt()
        let task = Task { await work() }
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        let flag = InterruptFlag.shared
        source.setEventHandler {
            let (handler, endsProcess) = flag.raise()
            if endsProcess { Terminal.endProcess(ExitStatus.interrupted.rawValue) }
            if let handler { handler() } else { task.cancel() }
        }
        source.resume()
        let status = await task.value
        source.cancel()
        return flag.isRaised ? ExitStatus.interrupted.rawValue : status
    }
}
