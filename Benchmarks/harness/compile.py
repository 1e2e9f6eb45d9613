"""How long a sample of many models takes to compile, in debug, and how long the longest expression of the query tests."""
import re, resource, shutil, sys, tempfile, time
from pathlib import Path

from . import tools

MODELS = 60
# Seconds of CPU, all of the compiler's processes together.
LIMIT = 60
# Milliseconds an expression may take to type-check.
EXPRESSION_LIMIT = 200

MODEL = """import Roost
import RoostORM
import RoostQuery

enum State{n}: String, QueryValue {{ case draft, ready, gone }}

struct Model{n}: Model, Equatable {{
    struct Columns: Table {{
        static let tableName = "model_{n}"
        let id = Column<Int>("id")
        let parentID = Column<Int>("parentID", .snakeCase)
        let name = Column<String>("name")
        let note = Column<String?>("note")
        let state = Column<State{n}>("state")
        let price = Column<BigDecimal>("price")
        let weight = Column<Double?>("weight")
        let isOpen = Column<Bool>("isOpen", .snakeCase)
        let version = Column<Int>("version")
        let createdAt = Column<Instant>("createdAt", .snakeCase)
        let updatedAt = Column<Instant>("updatedAt", .snakeCase)
        let deletedAt = Column<Instant?>("deletedAt", .snakeCase)
    }}
    static let mapping = Mapping<Model{n}>(key: .generated(\\.id, \\.id)).version(\\.version, \\.version)
        .created(\\.createdAt).updated(\\.updatedAt).softDelete(\\.deletedAt, \\.deletedAt)
    static let parent = belongs(to: Model{parent}.self, by: \\.parentID)
    static let children = hasMany(\\Model{child}.parentID, \\.parentID)

    var id: Int?
    var parentID: Int
    var name: String
    var note: String?
    var state: State{n}
    var price: BigDecimal
    var weight: Double?
    var isOpen: Bool
    var version: Int
    var createdAt: Instant
    var updatedAt: Instant
    var deletedAt: Instant?

    init(from row: inout RowReader) throws(DatabaseError) {{
        {reads}
    }}

    func write(to row: inout ColumnWriter) {{
        {writes}
    }}

    func validate() throws(DatabaseError) {{
        if name.isEmpty {{ throw .invalid("A name is needed.", column: "name") }}
    }}
}}

func loaded{n}(_ database: Database) async throws -> [String] {{
    let found = try await database.fetchAll(
        Model{n}.where {{ $0.isOpen.isTrue && $0.name.hasPrefix("a") && $0.price > BigDecimal({n}) }}
            .orderBy(Model{n}.columns.name, Model{n}.columns.id.descending).limit(20)
            .including(Model{n}.parent, Model{n}.children.where {{ $0.note.isNotNull }}.limit(3)),
        limit: 20
    )
    return found.map {{ "\\($0.name) \\($0.related.0?.name ?? "") \\($0.related.1.count)" }}
}}

func totals{n}(_ database: Database) async throws -> [(State{n}, Int, BigDecimal?)] {{
    let m = Model{n}.columns
    return try await database.fetchAll(
        m.select(m.state, count().expression, sum(m.price).expression).where(m.deletedAt.isNull || m.weight * 2 > 1)
            .groupBy(m.state).having(count().expression > {n}).orderBy(m.state),
        limit: 100
    )
}}

func close{n}(_ database: Database) async throws {{
    let m = Model{n}.columns
    try await database.execute(m.update(m.set(\\.isOpen, to: false), m.set(\\.name, to: m.name.appending("."))).where(m.id > 7))
}}
"""
PROPERTIES = ("id", "parentID", "name", "note", "state", "price", "weight", "isOpen", "version", "createdAt", "updatedAt", "deletedAt")


def sample(folder):
    """Writes the models, each with twelve columns, two relations and three queries; each is related to two others."""
    for n in range(MODELS):
        text = MODEL.format(n=n, parent=(n + 1) % MODELS, child=(n - 1) % MODELS,
                            reads="\n        ".join(f"{name} = try row.next()" for name in PROPERTIES),
                            writes="\n        ".join(f"row.write({name})" for name in PROPERTIES))
        (folder / f"Model{n}.swift").write_text(text)
    return sorted(folder.glob("*.swift"))


def measure_compilation():
    """Builds what the models import, then compiles them by themselves; a failure when that takes more than the limit."""
    tools.run(["swift", "build", "--package-path", tools.PACKAGE, "--target", "RoostORM"], timeout=3600, stdout=sys.stderr)
    built = tools.run(["swift", "build", "--package-path", tools.PACKAGE, "--show-bin-path"], capture_output=True).stdout.strip()
    with tempfile.TemporaryDirectory() as place:
        files = sample(Path(place))
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        tools.run(["swiftc", "-Onone", "-g", "-c", "-emit-module", "-swift-version", "6", "-module-name", "Sample", "-parse-as-library",
                   "-enable-batch-mode", "-j", "2", "-I", f"{built}/Modules", *files], cwd=place, capture_output=True)
        after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{MODELS} models of {len(PROPERTIES)} columns, debug: {cpu:.1f} s CPU, {end - begin:.1f} s ({cpu / MODELS:.2f} s CPU a model; "
          f"at most {LIMIT} s in all)", flush=True)
    measure_expressions(Path(built))
    if cpu > LIMIT:
        raise tools.Failure(f"The sample of {MODELS} models takes {cpu:.0f} s to compile, more than {LIMIT}.")


def measure_expressions(built):
    """Type-checks the query tests and looks at what the compiler says of each expression; a failure when one takes too long.

    What stands in the files of cases and questions counts: the others hold macros, whose first use starts another program.
    """
    tools.run(["swift", "build", "--package-path", tools.PACKAGE, "--target", "RoostQueryTests"], timeout=3600, stdout=sys.stderr)
    compiler = Path(shutil.which("swiftc")).resolve()
    maps = [*(tools.PACKAGE / ".build/checkouts").glob("*/Sources/*/include/module.modulemap"), *built.glob("*.build/module.modulemap"),
            *(tools.PACKAGE / "Sources").glob("**/module.modulemap")]
    features = ("ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault", "NonisolatedNonsendingByDefault")
    command = [
        "swiftc", "-typecheck", "-swift-version", "6", "-module-name", "RoostQueryTests", "-parse-as-library",
        *(word for feature in features for word in ("-enable-upcoming-feature", feature)),
        "-plugin-path", compiler.parent.parent / "lib/swift/host/plugins/testing", "-I", built / "Modules",
        *(word for path in maps for word in ("-Xcc", f"-fmodule-map-file={path}")),
        "-Xfrontend", "-warn-long-expression-type-checking=1", *sorted((tools.PACKAGE / "Tests/QueryTests").glob("**/*.swift")),
    ]
    pattern = re.compile(r"^\S*?([^/\s]+(?:Cases|Questions\+\w+)\.swift):(\d+):\d+: warning: expression took (\d+)ms", re.MULTILINE)
    places = {}
    # The compiler looks at a clock, which goes on while others compute: of three attempts the best one counts.
    for _ in range(3):
        said = tools.run(command, capture_output=True).stderr
        for file, line, took in pattern.findall(said):
            places[file, line] = min(int(took), places.get((file, line), int(took)))
        if len(places) < 200:
            raise tools.Failure("The compiler does not say how long it type-checks the expressions of the query tests.")
        (file, line), longest = max(places.items(), key=lambda item: item[1])
        if longest <= EXPRESSION_LIMIT:
            break
    print(f"{len(places)} expressions of the query tests take a millisecond or more to type-check, the longest {longest} ms ({file}:{line}; "
          f"at most {EXPRESSION_LIMIT} ms each)", flush=True)
    if longest > EXPRESSION_LIMIT:
        raise tools.Failure(f"An expression takes {longest} ms to type-check, more than {EXPRESSION_LIMIT}: {file}:{line}.")
