// swift-tools-version: 6.1
import PackageDescription

// A package that uses the library as a user's would: `Tests/run` builds and runs it.
let package = Package(
    name: "Client",
    dependencies: [.package(name: "ConvNetAIG", path: "../..")],
    targets: [
        .executableTarget(
            name: "client",
            dependencies: [
                .product(name: "ConvNetAIG", package: "ConvNetAIG"),
                .product(name: "ConvNetAIGModels", package: "ConvNetAIG"),
            ])
    ]
)
