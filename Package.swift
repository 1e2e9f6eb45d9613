// swift-tools-version: 6.2
import CompilerPluginSupport
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// swift-syntax takes minutes to build: only who asks for the trait fetches and builds it. In its targets every file is under `#if ModelMacros`.
let withModelMacros = TargetDependencyCondition.when(traits: ["ModelMacros"])
func syntax(_ product: String) -> Target.Dependency {
    .product(name: product, package: "swift-syntax", condition: withModelMacros)
}

// The folders show the layers; scripts/check-layers fails when a target imports what its layer must not.
let package = Package(
    name: "roost",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Roost", targets: ["Roost"]),
        .library(name: "RoostSQLite", targets: ["RoostSQLite"]),
        .library(name: "RoostConnectionPool", targets: ["RoostConnectionPool"]),
        .library(name: "RoostObservability", targets: ["RoostObservability"]),
        .library(name: "RoostPostgreSQL", targets: ["RoostPostgreSQL"]),
        .library(name: "RoostMySQL", targets: ["RoostMySQL"]),
        .library(name: "RoostMigrations", targets: ["RoostMigrations"]),
        .library(name: "RoostSchema", targets: ["RoostSchema"]),
        .library(name: "RoostQuery", targets: ["RoostQuery"]),
        .library(name: "RoostORM", targets: ["RoostORM"]),
        .library(name: "RoostModelMacros", targets: ["RoostModelMacros"]),
        .library(name: "RoostConformance", targets: ["RoostConformance"]),
        .library(name: "RoostPipelineDefinition", targets: ["RoostPipelineDefinition"]),
        .library(name: "RoostPipelines", targets: ["RoostPipelines"]),
        .executable(name: "roost", targets: ["roost"]),
    ],
    traits: [
        .trait(name: "ModelMacros", description: "RoostModelMacros: @Model and @Embeddable, with swift-syntax.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.2.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: [
        // The contract.
        .target(
            name: "Roost",
            dependencies: [.product(name: "Logging", package: "swift-log")],
            path: "Sources/Contract",
            swiftSettings: settings
        ),

        // Drivers.
        .systemLibrary(
            name: "CSQLite",
            path: "Sources/Drivers/CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"]), .yum(["sqlite-devel"]), .brew(["sqlite"])]
        ),
        .systemLibrary(
            name: "CZlib",
            path: "Sources/Drivers/CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"]), .brew(["zlib"])]
        ),
        .target(
            name: "RoostSQLite",
            dependencies: ["Roost", "RoostConnectionPool", "CSQLite", .product(name: "Logging", package: "swift-log")],
            path: "Sources/Drivers/SQLite",
            swiftSettings: settings
        ),

        .target(
            name: "RoostConnectionPool",
            dependencies: [
                "Roost",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources/ConnectionPool",
            swiftSettings: settings
        ),
        .target(
            name: "WireProtocol",
            dependencies: [
                "Roost",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Sources/Drivers/WireProtocol",
            swiftSettings: settings
        ),
        .target(
            name: "RoostPostgreSQL",
            dependencies: [
                "Roost", "RoostConnectionPool", "WireProtocol",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Sources/Drivers/PostgreSQL",
            swiftSettings: settings
        ),

        .target(
            name: "RoostMySQL",
            dependencies: [
                "Roost", "RoostConnectionPool", "WireProtocol", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Sources/Drivers/MySQL",
            swiftSettings: settings
        ),

        // Metrics and spans.
        .target(
            name: "RoostObservability",
            dependencies: [
                "Roost",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            path: "Sources/Observability",
            swiftSettings: settings
        ),

        // Migrations: a graph of revisions, applied under a lock. Knows no driver.
        .target(
            name: "RoostMigrations",
            dependencies: ["Roost", "RoostSchema", .product(name: "Crypto", package: "swift-crypto")],
            path: "Sources/Migrations",
            swiftSettings: settings
        ),

        // What a database is made of.
        .target(
            name: "RoostSchema",
            dependencies: ["Roost"],
            path: "Sources/Schema",
            swiftSettings: settings
        ),

        // Queries built in Swift.
        .target(name: "RoostQuery", dependencies: ["Roost"], path: "Sources/Query", swiftSettings: settings),

        // Models over them.
        .target(name: "RoostORM", dependencies: ["Roost", "RoostQuery"], path: "Sources/ORM", swiftSettings: settings),

        // Macros that write models; empty without the trait.
        .macro(
            name: "RoostModelMacrosPlugin",
            dependencies: [
                syntax("SwiftCompilerPlugin"), syntax("SwiftDiagnostics"), syntax("SwiftSyntax"),
                syntax("SwiftSyntaxBuilder"), syntax("SwiftSyntaxMacros"),
            ],
            path: "Sources/ModelMacros/Plugin",
            swiftSettings: settings
        ),
        .target(
            name: "RoostModelMacros",
            dependencies: [
                "Roost", "RoostORM", "RoostQuery",
                .target(name: "RoostModelMacrosPlugin", condition: withModelMacros),
            ],
            path: "Sources/ModelMacros/Declarations",
            swiftSettings: settings
        ),

        // The suite every driver runs.
        .target(
            name: "RoostConformance",
            dependencies: ["Roost"],
            path: "Sources/Conformance",
            swiftSettings: settings
        ),

        // What pipelines do, apart from what carries them out.
        .target(
            name: "RoostPipelineDefinition",
            dependencies: ["Roost"],
            path: "Sources/PipelineDefinition",
            swiftSettings: settings
        ),

        // What the command line and the server share.
        .target(
            name: "RoostConfiguration",
            dependencies: ["Roost", "RoostPipelineDefinition", .product(name: "Yams", package: "Yams")],
            path: "Sources/Configuration",
            swiftSettings: settings
        ),
        .target(
            name: "RoostFormats",
            dependencies: ["Roost", "CZlib"],
            path: "Sources/Formats",
            swiftSettings: settings
        ),

        // Moving and comparing data.
        .target(
            name: "RoostPipelines",
            dependencies: [
                "Roost", "RoostFormats", "RoostPipelineDefinition", "RoostSchema",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Pipelines",
            swiftSettings: settings
        ),

        // Composition: only executables and tests link drivers.
        .executableTarget(
            name: "roost",
            dependencies: [
                "Roost", "RoostConfiguration", "RoostFormats", "RoostMigrations", "RoostMySQL",
                "RoostPipelineDefinition", "RoostPipelines", "RoostPostgreSQL", "RoostSQLite", "RoostSchema",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/CLI",
            swiftSettings: settings
        ),

        .executableTarget(
            name: "roost-matrix",
            dependencies: ["Roost", "RoostConformance", "RoostMySQL", "RoostPostgreSQL", "RoostSQLite"],
            path: "Sources/Matrix",
            swiftSettings: settings
        ),

        // Tests.
        .target(
            name: "RoostTestSupport",
            dependencies: [
                "Roost", "RoostConnectionPool",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostTests",
            dependencies: ["Roost", "RoostTestSupport"],
            path: "Tests/ContractTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostSQLiteTests",
            dependencies: ["Roost", "RoostSQLite", "CSQLite"],
            path: "Tests/SQLiteTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostConnectionPoolTests",
            dependencies: ["Roost", "RoostConnectionPool", "RoostSQLite"],
            path: "Tests/ConnectionPoolTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostObservabilityTests",
            dependencies: [
                "Roost", "RoostObservability", "RoostSQLite",
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            path: "Tests/ObservabilityTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostPostgreSQLTests",
            dependencies: [
                "Roost", "RoostConformance", "RoostConnectionPool", "RoostPostgreSQL", "RoostTestSupport",
                "WireProtocol",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/PostgreSQLTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostMySQLTests",
            dependencies: [
                "Roost", "RoostConformance", "RoostConnectionPool", "RoostMySQL", "RoostSQLite", "RoostTestSupport",
                "WireProtocol",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/MySQLTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostFuzzTests",
            dependencies: [
                "Roost", "RoostMySQL", "RoostPostgreSQL", "RoostTestSupport", "WireProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Fuzz/Sources",
            exclude: [
                "FuzzTexts/EntryPoint.swift", "FuzzPostgreSQL/EntryPoint.swift", "FuzzMySQL/EntryPoint.swift",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostMigrationsTests",
            dependencies: [
                "Roost", "RoostMigrations", "RoostMySQL", "RoostPostgreSQL", "RoostSQLite", "RoostSchema",
                "RoostTestSupport",
            ],
            path: "Tests/MigrationsTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostSchemaTests",
            dependencies: ["Roost", "RoostMySQL", "RoostPostgreSQL", "RoostSQLite", "RoostSchema", "RoostTestSupport"],
            path: "Tests/SchemaTests",
            exclude: ["Witness"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostConformanceTests",
            dependencies: ["Roost", "RoostConformance", "RoostSQLite", "RoostTestSupport"],
            path: "Tests/ConformanceTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostCrossEngineTests",
            dependencies: ["Roost", "RoostMySQL", "RoostPostgreSQL", "RoostSQLite"],
            path: "Tests/CrossEngineTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostQueryTests",
            dependencies: ["Roost", "RoostMySQL", "RoostPostgreSQL", "RoostQuery", "RoostSQLite", "RoostTestSupport"],
            path: "Tests/QueryTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostORMTests",
            dependencies: ["Roost", "RoostMySQL", "RoostORM", "RoostPostgreSQL", "RoostQuery", "RoostSQLite"],
            path: "Tests/ORMTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostModelMacrosTests",
            dependencies: [
                "Roost", "RoostModelMacros", "RoostORM", "RoostQuery", "RoostSQLite",
                .target(name: "RoostModelMacrosPlugin", condition: withModelMacros),
                syntax("SwiftDiagnostics"), syntax("SwiftSyntax"), syntax("SwiftSyntaxBuilder"),
                syntax("SwiftSyntaxMacroExpansion"), syntax("SwiftSyntaxMacrosGenericTestSupport"),
            ],
            path: "Tests/ModelMacrosTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostConfigurationTests",
            dependencies: ["Roost", "RoostConfiguration", "RoostPipelineDefinition"],
            path: "Tests/ConfigurationTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostFormatsTests",
            dependencies: ["Roost", "RoostFormats"],
            path: "Tests/FormatsTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostPipelinesTests",
            dependencies: [
                "Roost", "RoostConfiguration", "RoostFormats", "RoostMySQL", "RoostPipelineDefinition",
                "RoostPipelines", "RoostPostgreSQL", "RoostSQLite", "RoostSchema", "RoostTestSupport",
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            path: "Tests/PipelinesTests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostCLITests",
            dependencies: ["roost", "Roost", "RoostMySQL", "RoostPostgreSQL", "RoostSQLite", "RoostSchema"],
            path: "Tests/CLITests",
            swiftSettings: settings
        ),
        .testTarget(
            name: "RoostDocumentationTests",
            dependencies: [
                "Roost", "RoostMigrations", "RoostMySQL", "RoostORM", "RoostObservability", "RoostPipelines",
                "RoostPostgreSQL", "RoostQuery", "RoostSQLite", "RoostSchema",
            ],
            path: "Tests/DocumentationTests",
            swiftSettings: settings
        ),
    ]
)

// What is built once more with other settings, in a folder of its own; the rest of the package would triple each build.
let parts: [String: Set<String>] = [
    // The thread sanitizer looks at what is concurrent.
    "ROOST_TEST_THREAD_SANITIZER": [
        "Roost", "CSQLite", "CZlib", "WireProtocol", "RoostConnectionPool", "RoostConformance", "RoostMySQL",
        "RoostPostgreSQL", "RoostSQLite", "RoostTestSupport", "RoostConformanceTests", "RoostConnectionPoolTests",
        "RoostMySQLTests", "RoostPostgreSQLTests", "RoostSQLiteTests",
    ],
    // The trait is a setting of all targets.
    "ROOST_TEST_MODEL_MACROS": [
        "Roost", "CSQLite", "RoostConnectionPool", "RoostModelMacros", "RoostModelMacrosPlugin",
        "RoostModelMacrosTests", "RoostORM", "RoostQuery", "RoostSQLite",
    ],
]
for (variable, targets) in parts where Context.environment[variable] != nil {
    package.targets.removeAll { !targets.contains($0.name) }
    package.products = []
}
// Where nothing uses it by the trait, it would be fetched.
if Context.environment["ROOST_TEST_THREAD_SANITIZER"] == nil {
    let syntax = Package.Dependency.package(
        url: "https://github.com/swiftlang/swift-syntax.git",
        "602.0.0"..<"604.0.0"
    )
    package.dependencies.append(syntax)
}
