// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "CustomLoop",
  dependencies: [.package(name: "rampart", path: "../..")],
  targets: [
    .executableTarget(
      name: "CustomLoop", dependencies: [.product(name: "Rampart", package: "rampart")])
  ],
  swiftLanguageModes: [.v6]
)
