// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "EncryptedRegression",
  dependencies: [.package(name: "rampart", path: "../..")],
  targets: [
    .executableTarget(
      name: "EncryptedRegression", dependencies: [.product(name: "Rampart", package: "rampart")])
  ],
  swiftLanguageModes: [.v6]
)
