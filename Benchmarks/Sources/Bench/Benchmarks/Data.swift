import Datasets
import Foundation
import Harness
import Learning
import Randomness

/// Reading data and dividing it among clients: what happens before the first round.
enum DataBenchmark: Benchmark {
  static let name = "data"
  static let summary =
    "images from packed IDX files; a million examples divided among 10,000 clients"

  static func run(in session: Session) throws {
    try readImages(in: session)
    try divide(in: session)
  }

  private static func readImages(in session: Session) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (train, test) = session.isSmoke ? (600, 100) : (60_000, 10_000)
    var parameters = IDXData.Parameters()
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
      let plain = folder.appending(path: name)
      try Data(bytes).write(to: plain)
      let gzip = Process()
      gzip.executableURL = URL(filePath: "/usr/bin/env")
      gzip.arguments = ["gzip", "-6", plain.path(percentEncoded: false)]
      try gzip.run()
      gzip.waitUntilExit()
      guard gzip.terminationStatus == 0 else { throw BenchError.failure("gzip failed") }
      return plain.path(percentEncoded: false) + ".gz"
    }
    parameters.trainImages = DataPath(try file("train-images", images(train)))
    parameters.trainLabels = DataPath(try file("train-labels", labels(train)))
    parameters.testImages = DataPath(try file("test-images", images(test)))
    parameters.testLabels = DataPath(try file("test-labels", labels(test)))
    let source = try IDXData(parameters)
    try compare(
      "\(train + test) images, gzip", target: 500, in: session,
      peer: IDXTask(files: [
        parameters.trainImages.resolved, parameters.trainLabels.resolved,
        parameters.testImages.resolved,
        parameters.testLabels.resolved,
      ])
    ) {
      var generator = Generator(seed: 1)
      guard try source.load(using: &generator).train.count == train else {
        throw BenchError.failure("wrong number of images")
      }
    }
  }

  private static func divide(in session: Session) throws {
    let (count, clients) = session.isSmoke ? (10_000, 100) : (1_000_000, 10_000)
    var generator = Generator(seed: 2)
    let labels = (0..<count).map { _ in Int32(generator.uniform(below: 10)) }
    let pool = ExamplePool(
      try LabeledExamples(
        features: [Float](repeating: 0, count: count), labels: labels, shape: [1], classes: 10))
    let partition = try DirichletPartition(.init(clients: clients, alpha: 0.5, minimumSize: 1))
    try compare(
      "\(count) examples, \(clients) clients, dirichlet 0.5", target: 2000, in: session,
      peer: PartitionTask(examples: count, clients: clients, alpha: 0.5)
    ) {
      var generator = Generator(seed: 3)
      guard try partition.assign(pool, using: &generator).count == clients else {
        throw BenchError.failure("wrong number of clients")
      }
    }
  }

  /// Milliseconds of one call, ours and the peer's.
  private static func compare(
    _ label: String, target: Double, in session: Session, peer: some Encodable,
    _ work: @escaping () throws -> Void
  ) throws {
    let peers = try session.peers.sides([.oneThread], peer, measure: .time)
    let series = try session.effort.measure(
      [
        Side("Rampart") { seconds in
          try 1000
            / workRate(for: seconds) {
              try work(); return 1
            }
        }
      ]
        + peers)
    var record = Record(
      benchmark: session.name, label: label, unit: "ms", measure: .time, ours: series[0],
      others: zip(peers, series.dropFirst()).map { .init(name: $0.name, series: $1) })
    record.titles = .init(other: "NumPy")
    record.target = .atMost(target)
    record.isTargetOnRatio = false
    session.add(record)
  }

  /// An IDX file of 28 x 28 images, about a fifth of their pixels inked, as MNIST's are.
  private static func images(_ count: Int) -> [UInt8] {
    var generator = Generator(seed: 4)
    var bytes = header([0x0803, count, 28, 28])
    bytes.reserveCapacity(bytes.count + count * 784)
    for _ in 0..<count {
      for row in 0..<28 {
        let start = 6 + generator.uniform(below: 8)
        for column in 0..<28 {
          let isInk = row > 3 && row < 24 && column >= start && column < start + 7
          bytes.append(isInk ? UInt8(truncatingIfNeeded: generator.next()) : 0)
        }
      }
    }
    return bytes
  }

  private static func labels(_ count: Int) -> [UInt8] {
    header([0x0801, count]) + (0..<count).map { UInt8($0 % 10) }
  }

  private static func header(_ words: [Int]) -> [UInt8] {
    words.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } }
  }

  private struct IDXTask: Encodable {
    let `do` = "prepare"
    let task = "idx"
    var files: [String]
  }

  private struct PartitionTask: Encodable {
    let `do` = "prepare"
    let task = "partition"
    var examples: Int
    var clients: Int
    var alpha: Double
  }
}
