import ArgumentParser

/// `roost demo`
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Make a small shop in SQLite and show what Roost does with it."
    )
    @Option(name: .long, help: "Where the database is kept.") var database = "roost-demo.sqlite"

    func run() async throws {
        Terminal.write("demo\n")
    }
}
