import Roost
import RoostTestSupport
import Testing

@Suite struct DatabaseURLTests {
    @Test func readsEveryPart() throws {
        let url = try DatabaseURL(
            "postgresql+asyncpg://us%40er:p%3Aw%2F@[::1]:5433,db.example/na%20me?sslmode=require&x=a+b"
        )
        #expect(url.scheme == "postgresql")
        #expect(url.user == "us@er")
        #expect(url.password?.reveal() == "p:w/")
        #expect(url.hosts == [.init(name: "::1", port: 5433), .init(name: "db.example")])
        #expect(url.database == "na me")
        #expect(url.option("SSLMODE") == "require")
        #expect(url.option("x") == "a b")
        #expect(!"\(url)".contains("p:w"))
        #expect(!String(reflecting: url).contains("p:w"))
        var dumped = ""
        dump(url, to: &dumped)
        #expect(!dumped.contains("p:w"))
    }

    @Test(arguments: [
        ("sqlite:a/b.db", "a/b.db"), ("sqlite:/a/b.db", "/a/b.db"), ("sqlite:///a/b.db", "/a/b.db"),
        ("sqlite::memory:", ":memory:"), ("sqlite:", ""), ("sqlite://", ""), ("sqlite:a%3Fb.db?mode=ro", "a?b.db"),
    ])
    func sqlitePaths(text: String, path: String) throws {
        #expect(try DatabaseURL(text).database == path)
    }

    @Test(arguments: [
        "", "nothing", "://x", "postgresql://h:99999/d", "postgresql://h:x/d", "postgresql://[::1/d", "sqlite:a%zz",
        "sqlite:a%00b", "postgresql://u:s3cret@a:b:c/d", "sqlite://relative/path",
    ])
    func badURLsAreErrorsWithoutTheURL(text: String) {
        let error = #expect(throws: DatabaseError.self) { try DatabaseURL(text) }
        #expect(error?.condition == .invalidConfiguration)
        #expect(error?.debugDescription.contains("s3cret") == false)
    }

    @Test func masksSecretsInOptions() throws {
        let url = try DatabaseURL("mysql://h/d?sslpassword=hush&token=hush&password=hush&a=b")
        #expect(!"\(url)".contains("hush"))
        #expect(url.password?.reveal() == "hush")
        #expect(try !"\(DatabaseURL("odbc:DSN=x;UID=u;PWD=hush"))".contains("hush"))
    }

    @Test func configurationReadsCommonOptions() throws {
        let configuration = try ConnectionConfiguration(
            "sqlite:x?statement_timeout=250ms&lock_timeout=2&read_only=on&pool_size=3"
        )
        #expect(configuration.statementTimeout == .milliseconds(250))
        #expect(configuration.lockTimeout == .seconds(2))
        #expect(configuration.isReadOnly)
        #expect(configuration.maximumConnections == 3)
        #expect(throws: DatabaseError.self) { try ConnectionConfiguration("sqlite:x?lock_timeout=soon") }
    }

    @Test func hostileTextNeverTraps() {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("abc:/@?&=%[],;+0129é".utf8)
        for _ in 0..<50_000 {
            let bytes = (0..<Int(generator.next() % 30)).map { _ in
                alphabet[Int(generator.next() % UInt64(alphabet.count))]
            }
            _ = try? DatabaseURL("postgresql://" + String(decoding: bytes, as: UTF8.self))
            _ = try? DatabaseURL(String(decoding: bytes, as: UTF8.self))
        }
    }
}
