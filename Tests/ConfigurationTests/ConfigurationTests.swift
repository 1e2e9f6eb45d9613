import Roost
import RoostConfiguration
import Testing

@Suite struct ConfigurationTests {
    let environment = Environment(process: ["HOST": "db", "EMPTY": "", "PW": "s3cret"])

    @Test func readsConnections() throws {
        let text = """
            connections:
              shop: sqlite:shop.sqlite
              main:
                url: postgresql://app@${HOST}/shop
                password: {env: PW}
                labels: [prod, eu]
                read_only: true
            pipelines: {}
            """
        let configuration = try ProjectConfiguration.parse(text, file: "roost.yaml")
        #expect(configuration.connections.map(\.name) == ["shop", "main"])
        let main = try configuration.resolve("main", environment: environment)
        #expect(main.url.hosts.first?.name == "db")
        #expect(main.url.password?.reveal() == "s3cret")
        #expect(main.isReadOnly)
        #expect(try configuration.resolve("sqlite:x.db", environment: environment).url.database == "x.db")
        #expect(throws: ConfigurationError.self) { try configuration.resolve("nosuch", environment: environment) }
    }

    @Test(arguments: [
        ("conections: {}", 1, "connections"), ("connections:\n  a:\n    urll: x", 3, "url"), ("a: [", 2, "YAML"),
        ("connections:\n  a:\n    password: {env: A, file: b}\n    url: 'sqlite:'", 3, "exactly one"),
        ("connections:\n  a: {labels: []}", 2, "no url"),
    ])
    func mistakesNameTheirLine(text: String, line: Int, words: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try ProjectConfiguration.parse(text, file: "roost.yaml")
        }
        #expect(error?.line == line)
        #expect(error?.description.contains(words) == true)
    }

    @Test func expandsVariables() throws {
        #expect(try environment.expanding("a ${HOST} ${NONE:-x} ${EMPTY:-y} $$ $z") == "a db x y $ $z")
        #expect(throws: ConfigurationError.self) { try environment.expanding("${NONE}") }
        let error = #expect(throws: ConfigurationError.self) { try environment.expanding("${NONE:?set it}") }
        #expect(error?.description.contains("set it") == true)
    }

    @Test func secretsComeFromCommands() throws {
        #expect(try SecretReference.command(["printf", "hush\n"]).resolve(in: environment).reveal() == "hush")
        #expect(throws: ConfigurationError.self) { try SecretReference.command(["false"]).resolve(in: environment) }
        #expect(throws: ConfigurationError.self) { try SecretReference.file("/nonexistent").resolve(in: environment) }
    }
}
