// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "roost-fuzz",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "FuzzTexts", type: .static, targets: ["FuzzTexts"]),
        .library(name: "FuzzPostgreSQL", type: .static, targets: ["FuzzPostgreSQL"]),
        .library(name: "FuzzMySQL", type: .static, targets: ["FuzzMySQL"]),
    ],
    dependencies: [.package(name: "roost", path: "..")],
    targets: [
        .target(name: "FuzzTexts", dependencies: [.product(name: "Roost", package: "roost")]),
        .target(
            name: "FuzzPostgreSQL",
            dependencies: [
                .product(name: "Roost", package: "roost"), .product(name: "RoostPostgreSQL", package: "roost"),
            ]
        ),
        .target(
            name: "FuzzMySQL",
            dependencies: [.product(name: "Roost", package: "roost"), .product(name: "RoostMySQL", package: "roost")]
        ),
    ]
)
