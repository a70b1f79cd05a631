// swift-tools-version: 6.3
import PackageDescription

// The floors: a target imports only from floors below its own (or, acyclically, from its own).
//
//   0  C shims and kernels      one Swift choke-point file per library
//   1  Randomness, BigIntegers, Components, FileFormats
//   2  Tensors, CryptoCore, Accounting, CommandLineTools
//   3  Learning, Datasets, NoiseSamplers, SecretSharing, Paillier, Pairings
//      PrivateTraining          DP-SGD: sampler, clip, noise and ledger in one place
//   4  Federation               the round, the threat model, every kind of component, the planner
//      GradientInversion        what gradients reveal of the data they were computed on
//      SecureAggregation        transports
//      VerifiableAggregation    proofs that a server's sum is the sum
//      MembershipInference      scores, metrics and shadow models, outside the round
//   5  Attacks, Defenses, Algorithms (none imports another)
//   6  Experiments              the matrix, its runner and its store
//   7  Reports
//   8  RampartCommand, Rampart

let common: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]
/// Targets that may touch pointers: the choke points over C and the numeric core.
let pointers = common
/// Everything else: an unmarked pointer is a compile error.
let safe = common + [.strictMemorySafety()]

let package = Package(
  name: "rampart",
  products: [
    .library(name: "Rampart", targets: ["Rampart"]),
    .executable(name: "rampart", targets: ["RampartCommand"]),
  ],
  targets: [
    // Floor 0
    .target(name: "CKernels"),
    .target(name: "COpenBLAS", linkerSettings: [.linkedLibrary("openblas")]),
    .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("crypto")]),
    .target(name: "CEmbedded", exclude: ["data"]),
    .target(name: "CFFTW", linkerSettings: [.linkedLibrary("fftw3")]),
    .target(name: "CGMP", linkerSettings: [.linkedLibrary("gmp")]),
    .target(name: "CMontgomery", linkerSettings: [.linkedLibrary("crypto")]),
    .target(name: "CPairings", exclude: ["make-constants.py"]),
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CZip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),

    // Floor 1
    .target(name: "Randomness", dependencies: ["CKernels"], swiftSettings: pointers),
    .target(
      name: "BigIntegers", dependencies: ["CGMP", "CMontgomery"], swiftSettings: pointers),
    .target(name: "Components", swiftSettings: safe),
    .target(
      name: "FileFormats", dependencies: ["Components", "CYAML", "CZip", "CZlib"],
      swiftSettings: pointers),

    // Floor 2
    .target(
      name: "Tensors", dependencies: ["CKernels", "COpenBLAS", "Randomness"],
      swiftSettings: pointers),
    .target(name: "CryptoCore", dependencies: ["COpenSSL"], swiftSettings: pointers),
    .target(name: "Accounting", dependencies: ["CFFTW", "CKernels"], swiftSettings: pointers),
    .target(name: "CommandLineTools", dependencies: ["Components"], swiftSettings: safe),

    // Floor 3
    .target(
      name: "Learning", dependencies: ["CKernels", "Components", "Randomness", "Tensors"],
      swiftSettings: pointers),
    .target(
      name: "Datasets",
      dependencies: [
        "CEmbedded", "Components", "CryptoCore", "FileFormats", "Learning", "Randomness",
      ],
      swiftSettings: pointers),

    .target(
      name: "SecretSharing", dependencies: ["CKernels", "CryptoCore"], swiftSettings: pointers),
    .target(
      name: "NoiseSamplers",
      dependencies: ["BigIntegers", "CKernels", "CryptoCore", "Randomness"],
      swiftSettings: pointers),
    .target(
      name: "PrivateTraining",
      dependencies: [
        "Accounting", "CKernels", "Components", "Learning", "NoiseSamplers", "Randomness",
        "Tensors",
      ],
      swiftSettings: pointers),
    .target(
      name: "Paillier",
      dependencies: ["BigIntegers", "Components", "CryptoCore", "FileFormats", "Tensors"],
      swiftSettings: pointers),

    .target(
      name: "Pairings", dependencies: ["CPairings", "CryptoCore", "Tensors"], swiftSettings: safe),

    // Floor 4
    .target(
      name: "Federation",
      dependencies: [
        "Accounting", "Components", "CryptoCore", "Datasets", "FileFormats", "Learning",
        "PrivateTraining", "Randomness", "Tensors",
      ],
      swiftSettings: safe),

    .target(
      name: "GradientInversion",
      dependencies: [
        "CKernels", "Components", "Federation", "Learning", "Randomness", "Tensors",
      ],
      swiftSettings: pointers),

    .target(
      name: "SecureAggregation",
      dependencies: [
        "Accounting", "BigIntegers", "CKernels", "Components", "CryptoCore", "Federation",
        "NoiseSamplers", "Paillier", "Randomness", "SecretSharing", "Tensors",
      ],
      swiftSettings: safe),

    .target(
      name: "VerifiableAggregation",
      dependencies: [
        "Components", "CryptoCore", "Federation", "Pairings", "Randomness", "SecretSharing",
        "SecureAggregation", "Tensors",
      ],
      swiftSettings: safe),

    .target(
      name: "MembershipInference",
      dependencies: [
        "Accounting", "Components", "CryptoCore", "Datasets", "FileFormats", "Learning",
        "Randomness", "Tensors",
      ],
      swiftSettings: safe),

    // Floor 5
    .target(
      name: "Attacks",
      dependencies: [
        "BigIntegers", "Components", "CryptoCore", "Datasets", "Federation", "GradientInversion",
        "Learning", "MembershipInference", "Paillier", "Pairings", "Randomness", "SecretSharing",
        "SecureAggregation", "Tensors", "VerifiableAggregation",
      ],
      path: "attacks", exclude: ["README.md"], swiftSettings: safe),
    .target(
      name: "Defenses",
      dependencies: [
        "Accounting", "Components", "Federation", "GradientInversion", "Learning",
        "PrivateTraining", "Randomness", "Tensors",
      ],
      path: "defenses", exclude: ["README.md"], swiftSettings: safe),
    .target(
      name: "Algorithms",
      dependencies: [
        "Accounting", "Components", "CryptoCore", "Datasets", "Federation", "FileFormats",
        "Learning", "PrivateTraining", "Randomness", "Tensors",
      ],
      swiftSettings: safe),

    // Floor 6
    .target(
      name: "Experiments",
      dependencies: [
        "Accounting", "Algorithms", "Attacks", "CEmbedded", "CSQLite", "Components", "CryptoCore",
        "Datasets", "Defenses", "Federation", "FileFormats", "GradientInversion", "Learning",
        "MembershipInference", "PrivateTraining", "Randomness",
        "SecureAggregation", "Tensors", "VerifiableAggregation",
      ],
      swiftSettings: pointers),

    // Floor 7
    .target(
      name: "Reports",
      dependencies: [
        "Accounting", "CommandLineTools", "Components", "Datasets", "Experiments", "Federation",
        "FileFormats", "Learning",
      ],
      swiftSettings: safe),

    // Floor 8
    .target(
      name: "Rampart",
      dependencies: [
        "Accounting", "Algorithms", "Attacks", "BigIntegers", "Components", "CryptoCore",
        "Datasets", "Defenses", "Federation", "GradientInversion", "Learning",
        "MembershipInference", "NoiseSamplers", "Paillier", "Pairings", "PrivateTraining",
        "Randomness", "SecretSharing", "SecureAggregation", "Tensors", "VerifiableAggregation",
      ],
      swiftSettings: safe),
    .executableTarget(
      name: "RampartCommand",
      dependencies: [
        "Accounting", "Attacks", "BigIntegers", "CommandLineTools", "Components", "CryptoCore",
        "Datasets", "Experiments", "Federation", "FileFormats", "GradientInversion", "Learning",
        "MembershipInference", "Paillier", "PrivateTraining", "Randomness", "Reports",
        "SecureAggregation", "Tensors", "VerifiableAggregation",
      ],
      swiftSettings: safe),

    // Tests
    .target(
      name: "TestSupport", dependencies: ["Tensors", "Randomness"], path: "Tests/TestSupport",
      swiftSettings: common),
    .testTarget(
      name: "RandomnessTests", dependencies: ["Randomness", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "BigIntegersTests", dependencies: ["BigIntegers", "Randomness", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "AccountingTests", dependencies: ["Accounting", "Randomness", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "NoiseSamplersTests",
      dependencies: [
        "Accounting", "BigIntegers", "CryptoCore", "NoiseSamplers", "Randomness", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "ComponentsTests", dependencies: ["Components", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "FileFormatsTests",
      dependencies: ["Components", "FileFormats", "Randomness", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "TensorsTests", dependencies: ["Randomness", "Tensors", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "CryptoCoreTests", dependencies: ["CryptoCore", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "SecretSharingTests",
      dependencies: ["BigIntegers", "CryptoCore", "SecretSharing", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "PaillierTests",
      dependencies: ["BigIntegers", "CryptoCore", "Paillier", "Randomness", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "PairingsTests",
      dependencies: ["BigIntegers", "CryptoCore", "Pairings", "Randomness", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "LearningTests",
      dependencies: ["Components", "Learning", "Randomness", "Tensors", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "PrivateTrainingTests",
      dependencies: [
        "Accounting", "Datasets", "Learning", "NoiseSamplers", "PrivateTraining", "Randomness",
        "Tensors", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "DatasetsTests",
      dependencies: [
        "Components", "Datasets", "FileFormats", "Learning", "Randomness", "Tensors", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "FederationTests",
      dependencies: [
        "Accounting", "Algorithms", "Attacks", "Components", "CryptoCore", "Datasets", "Defenses",
        "Federation", "FileFormats", "Learning", "PrivateTraining", "Randomness",
        "SecureAggregation", "Tensors", "TestSupport", "VerifiableAggregation",
      ],
      swiftSettings: common),
    .testTarget(
      name: "GradientInversionTests",
      dependencies: [
        "Components", "Datasets", "Federation", "GradientInversion", "Learning", "Randomness",
        "Tensors", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "SecureAggregationTests",
      dependencies: [
        "Accounting", "Components", "CryptoCore", "Federation", "Randomness", "SecretSharing",
        "SecureAggregation", "Tensors", "TestSupport", "VerifiableAggregation",
      ],
      swiftSettings: common),
    .testTarget(
      name: "VerifiableAggregationTests",
      dependencies: [
        "Components", "CryptoCore", "Federation", "Pairings", "Randomness", "SecretSharing",
        "SecureAggregation", "Tensors", "TestSupport", "VerifiableAggregation",
      ],
      swiftSettings: common),
    .testTarget(
      name: "MembershipInferenceTests",
      dependencies: [
        "Accounting", "Components", "Datasets", "Learning", "MembershipInference", "Randomness",
        "Tensors", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "AlgorithmsTests",
      dependencies: [
        "Accounting", "Algorithms", "Components", "Datasets", "Federation", "Learning",
        "Randomness", "Tensors", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "AttacksTests",
      dependencies: [
        "Algorithms", "Attacks", "BigIntegers", "Components", "CryptoCore", "Datasets", "Defenses",
        "Federation", "GradientInversion", "Learning", "MembershipInference", "Paillier",
        "Randomness", "SecretSharing", "SecureAggregation", "Tensors", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "DefensesTests",
      dependencies: [
        "Accounting", "Algorithms", "Components", "Datasets", "Defenses", "Federation",
        "GradientInversion", "Learning", "Randomness", "Tensors", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Accounting", "Attacks", "Components", "Datasets", "Defenses", "Experiments", "Federation",
        "FileFormats", "Learning", "MembershipInference", "Randomness", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "ReportsTests",
      dependencies: ["CommandLineTools", "Components", "Experiments", "Reports", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "CommandLineToolsTests", dependencies: ["CommandLineTools", "Components"],
      swiftSettings: common),
    .testTarget(
      name: "RampartCommandTests",
      dependencies: [
        "Accounting", "Attacks", "BigIntegers", "CommandLineTools", "Datasets", "FileFormats",
        "Learning", "RampartCommand", "Randomness", "TestSupport",
      ],
      swiftSettings: common),
    .testTarget(
      name: "NotebookTests", dependencies: ["RampartCommand", "TestSupport"],
      swiftSettings: common),
  ],
  swiftLanguageModes: [.v6]
)
