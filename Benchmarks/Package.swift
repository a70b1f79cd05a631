// swift-tools-version: 6.3
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "rampart", path: "..")],
  targets: [
    /// What C alone can say: allocations counted, a thread tied to a core.
    .target(name: "CBenchSupport"),
    /// Rounds, statistics, the table: knows nothing of Rampart.
    .target(name: "Harness", swiftSettings: settings),
    .executableTarget(
      name: "bench",
      dependencies: ["CBenchSupport", "Harness", .product(name: "Rampart", package: "rampart")],
      path: "Sources/Bench", swiftSettings: settings),
    .testTarget(name: "HarnessTests", dependencies: ["Harness"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
