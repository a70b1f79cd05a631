// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "SecureSum",
  dependencies: [.package(name: "rampart", path: "../..")],
  targets: [
    .executableTarget(
      name: "SecureSum", dependencies: [.product(name: "Rampart", package: "rampart")])
  ],
  swiftLanguageModes: [.v6]
)
