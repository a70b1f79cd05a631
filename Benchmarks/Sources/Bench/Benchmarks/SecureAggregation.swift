import Foundation
import Glibc
import Harness
import Rampart

/// Double masking: masks against OpenSSL's own rate, a whole aggregation against Flower's SecAgg+.
enum SecureAggregationBenchmark: Benchmark {
  static let name = "secagg"
  static let summary =
    "masks beside openssl speed; an aggregation beside Flower's SecAgg+, CPU time"

  static func run(in session: Session) throws {
    try MaskExpansion(session).run()
    try WholeAggregation(session).run()
  }
}

/// Masks expanded and added in one pass, and what AES-256-CTR alone takes for as many bytes.
private struct MaskExpansion {
  private let session: Session
  private let seeds: Int
  private let width = 24

  init(_ session: Session) {
    self.session = session
    seeds = session.isSmoke ? 9 : 99
  }

  func run() throws {
    let terms = try (0..<seeds).map {
      MaskTerm(
        try SecretBytes(random: MaskGenerator.seedCount), $0.isMultiple(of: 2) ? .plus : .minus)
    }
    try oneCore(terms)
    try twoCores(terms)
  }

  /// Everything on one core, in CPU time.
  private func oneCore(_ terms: [MaskTerm]) throws {
    let short = session.isSmoke ? 10_000 : 100_000
    let long = session.isSmoke ? 250_000 : 16_000_000
    let client = ClientMask(clients: seeds + 1, dimension: session.isSmoke ? 1_000 : 431_080)
    let hasOpenSSL = OpenSSLSpeed.isThere
    try Core.pin(to: 0)
    defer { Core.unpin() }
    let series = try session.effort.measure(
      [
        Side("short") { cpuRate(of: terms, words: short, for: $0) },
        Side("long") { cpuRate(of: terms, words: long, for: $0) },
        Side("client") { _ in try client.seconds() },
      ] + (hasOpenSSL ? [Side("openssl") { try OpenSSLSpeed.gigabytes(for: $0) }] : []))
    let openSSL = hasOpenSSL ? series[3] : nil
    session.remark(
      "masks of \(seeds) seeds, added modulo 2^\(width); the client agrees on each seed, at "
        + "\(client.dimension) words")
    for (words, found, target) in [(short, series[0], 0.75), (long, series[1], 0.6)] {
      add(
        "\(Self.size(4 * words)), \(seeds) seeds", "GB/s", .rate, found, openSSL, "openssl speed",
        .atLeast(target))
    }
    add(
      "a client's masked input", "ms", .cost, Series(series[2].rounds.map { 1000 * $0 }),
      openSSL.map { Series($0.rounds.map { 1e-6 * Double(client.maskBytes) / $0 }) },
      "openssl's bytes", .atMost(1.6))
  }

  /// Wall-clock time of two threads on a long vector, and of each core on its own.
  private func twoCores(_ terms: [MaskTerm]) throws {
    guard Core.count >= 2 else {
      return session.check("two cores", outcome: .absent, "this process may use one core only")
    }
    let words = session.isSmoke ? 250_000 : 16_000_000
    func alone(_ core: Int) -> Side {
      Side("core \(core) alone") { seconds in
        try Core.pin(to: core)
        defer { Core.unpin() }
        return rate(of: terms, words: words, workers: 1, for: seconds)
      }
    }
    let series = try session.effort.measure([
      alone(0), Side("both") { rate(of: terms, words: words, workers: 2, for: $0) }, alone(1),
    ])
    let sum = Series(zip(series[0].rounds, series[2].rounds).map { $0 + $1 })
    add(
      "two workers, \(Self.size(4 * words))", "GB/s", .rate, series[1], sum, "alone, summed",
      .atLeast(0.85))
  }

  private func add(
    _ label: String, _ unit: String, _ measure: Measure, _ ours: Series, _ other: Series?,
    _ title: String, _ target: Target
  ) {
    var record = Record(
      benchmark: session.name, label: label, unit: unit, measure: measure, ours: ours,
      others: other.map { [.init(name: title, series: $0)] } ?? [])
    record.titles = .init(other: title)
    record.target = target
    session.add(record)
  }

  private static func size(_ bytes: Int) -> String {
    bytes >= 1_000_000 ? "\(bytes / 1_000_000) MB" : "\(bytes / 1000) KB"
  }

  /// 10^9 bytes of masks a second of this thread's CPU time.
  private func cpuRate(of terms: [MaskTerm], words count: Int, for seconds: Double) -> Double {
    var words = [UInt32](repeating: 0, count: count)
    let start = CPUTime.thread()
    var calls = 0
    while true {
      MaskGenerator.add(terms, to: &words, width: width)
      calls += 1
      let taken = CPUTime.thread() - start
      if taken >= seconds { return 4e-9 * Double(calls * count * terms.count) / taken }
    }
  }

  /// The same by the clock on the wall.
  private func rate(
    of terms: [MaskTerm], words count: Int, workers: Int, for seconds: Double
  ) -> Double {
    var words = [UInt32](repeating: 0, count: count)
    return workRate(for: seconds) {
      MaskGenerator.add(terms, to: &words, width: width, workers: workers)
      return count * terms.count
    } * 4e-9
  }
}

/// What one client does between the delivery of shares and its masked input, agreements included.
private struct ClientMask {
  let clients: Int
  let dimension: Int

  /// Bytes of the masks agreed with all others.
  var maskBytes: Int { 4 * (clients - 1) * dimension }

  /// CPU seconds of one client, on average over all.
  func seconds() throws -> Double {
    let session = try MaskingSession(
      id: SystemRandomness.bytes(32), clients: clients, threshold: 2 * clients / 3 + 1,
      dimension: dimension, ring: MaskRing(bits: 24))
    let input = RingVector(zeros: dimension, in: session.ring)
    let local = try LocalAggregation(
      in: session, inputs: [RingVector](repeating: input, count: clients))
    let run = try local.run()
    guard let outcome = run.outcome, outcome.sum == input else {
      throw BenchError.failure("the masks of clients do not cancel")
    }
    let masking = run.costs.filter { $0.role == .client && $0.round == "masked input" }
    return masking.reduce(0) { $0 + $1.cpuSeconds } / Double(clients)
  }
}

/// The clock of processor time.
enum CPUTime {
  /// Seconds of the calling thread.
  static func thread() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}

/// `openssl speed` for AES-256-CTR on blocks of 16 KiB, on the core the calling thread is tied to.
private enum OpenSSLSpeed {
  /// Whether the program is there.
  static var isThere: Bool { (try? output(["version"])) != nil }

  /// 10^9 bytes a second of its CPU time.
  static func gigabytes(for seconds: Double) throws -> Double {
    // It counts whole seconds.
    let text = try output([
      "speed", "-mr", "-seconds", "\(max(1, Int(seconds.rounded())))", "-bytes", "16384", "-evp",
      "aes-256-ctr",
    ])
    for line in text.split(separator: "\n") where line.hasPrefix("+F:") {
      if let last = line.split(separator: ":").last, let rate = Double(last) { return 1e-9 * rate }
    }
    throw BenchError.failure("'openssl speed' says nothing that can be read: \(text)")
  }

  private static func output(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchError.failure("'openssl \(arguments[0])' fails")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
