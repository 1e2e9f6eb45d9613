// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "roost-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "roost", path: ".."),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .target(name: "CBenchmark"),
        .executableTarget(
            name: "RoostPeer",
            dependencies: [
                "CBenchmark",
                .product(name: "Roost", package: "roost"),
                .product(name: "RoostORM", package: "roost"),
                .product(name: "RoostQuery", package: "roost"),
                .product(name: "RoostSQLite", package: "roost"),
            ]
        ),
        .executableTarget(
            name: "RoostServerPeer",
            dependencies: [
                "CBenchmark",
                .product(name: "Roost", package: "roost"),
                .product(name: "RoostConnectionPool", package: "roost"),
                .product(name: "RoostMySQL", package: "roost"),
                .product(name: "RoostORM", package: "roost"),
                .product(name: "RoostPostgreSQL", package: "roost"),
                .product(name: "RoostQuery", package: "roost"),
                .product(name: "RoostSchema", package: "roost"),
            ]
        ),
        .executableTarget(
            name: "GRDBPeer",
            dependencies: ["CBenchmark", .product(name: "GRDB", package: "GRDB.swift")]
        ),
    ]
)
