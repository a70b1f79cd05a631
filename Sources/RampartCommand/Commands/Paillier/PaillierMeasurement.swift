internal import BigIntegers
internal import CommandLineTools
internal import Components
internal import Paillier

/// Paillier's operations, timed and checked.
struct PaillierMeasurement {
  private struct Row {
    var operation: String
    var threads: Int
    /// Of one number, or of one value of a packed vector.
    var seconds: Double
  }

  private let keys: PaillierKeyPair
  private let packing: PackedEncoding
  private let budget: Double
  private let threads: [Int]
  private let residues: [BigInteger]
  private let clock = ContinuousClock()
  private var rows: [Row] = []
  private var wrong: [String] = []

  /// Whether every result was right.
  var isRight: Bool { wrong.isEmpty }

  /// Makes a key; `seconds` is about how long to measure an operation.
  init(bits: Int, seconds: Double, jobs: Int) throws {
    let start = clock.now
    keys = try PaillierKeyPair(bits: bits, allowsInsecureSize: true)
    rows.append(
      Row(operation: "make a key", threads: 1, seconds: (clock.now - start) / .seconds(1)))
    packing = try PackedEncoding(bits: 16, clients: 1000, key: keys.publicKey)
    budget = seconds
    threads = Set([1, jobs]).sorted()
    let key = keys.publicKey
    residues = try (0..<16).map {
      try EncodedNumber(Double($0 * $0) / 8 - 13.5, for: key, exponent: -8).residue
    }
  }

  /// Measures everything.
  mutating func run() throws {
    let (publicKey, privateKey, residues) = (keys.publicKey, keys.privateKey, residues)
    publicKey.prepare()
    var ciphertexts: [Ciphertext] = []
    for threads in threads {
      try time("encrypt", threads, each: residues.count) {
        ciphertexts = try publicKey.encrypt(residues: residues, workers: threads)
      }
      check("encrypt", try privateKey.decrypt(residuesOf: ciphertexts), residues)
    }
    try encryptFromPool()
    var sums: [RawCiphertext] = []
    try time("add", each: residues.count) {
      sums = try ciphertexts.map { try $0.adding(ciphertexts[0]) }
    }
    check(
      "add", try privateKey.decrypt(residuesOf: sums),
      residues.map { ($0 + residues[0]) % publicKey.n })
    let factor = BigInteger(123_456_789)
    var products: [RawCiphertext] = []
    try time("multiply by 27 bits", each: residues.count) {
      products = try ciphertexts.map { try $0.multiplied(byResidue: factor) }
    }
    check(
      "multiply", try privateKey.decrypt(residuesOf: products),
      residues.map { $0 * factor % publicKey.n })
    for threads in threads {
      var plain: [BigInteger] = []
      try time("decrypt", threads, each: residues.count) {
        plain = try privateKey.decrypt(residuesOf: ciphertexts, workers: threads)
      }
      check("decrypt", plain, residues)
    }
    try packed()
  }

  /// What is left of encryption when the factors are there; making them is not timed.
  private mutating func encryptFromPool() throws {
    var pool = try ObfuscationPool(
      for: keys.publicKey, count: 4 * residues.count, workers: threads.last ?? 1)
    var hidden: [Ciphertext] = []
    let start = clock.now
    for index in 0..<pool.count {
      hidden.append(try pool.encrypt(residue: residues[index % residues.count]))
    }
    let seconds = (clock.now - start) / .seconds(1)
    rows.append(
      Row(
        operation: "encrypt with a pool", threads: 1, seconds: seconds / Double(hidden.count)))
    check(
      "encrypt with a pool", try keys.privateKey.decrypt(residuesOf: hidden),
      hidden.indices.map { residues[$0 % residues.count] })
  }

  /// Vectors that fill four ciphertexts.
  private mutating func packed() throws {
    let (packing, privateKey) = (packing, keys.privateKey)
    let values = (0..<4 * packing.slots).map { ($0 * 40_503) % 65_536 - 32_768 }
    for threads in threads {
      var vector = try packing.encrypt(values)
      try time("encrypt, packed", threads, each: values.count) {
        vector = try packing.encrypt(values, workers: threads)
      }
      var plain: [Int] = []
      try time("decrypt, packed", threads, each: values.count) {
        plain = try packing.decrypt(vector, with: privateKey, workers: threads)
      }
      check("packed", plain, values)
    }
  }

  private mutating func time(
    _ operation: String, _ threads: Int = 1, each count: Int, _ body: () throws -> Void
  ) rethrows {
    let start = clock.now
    var repeats = 0
    repeat {
      try body()
      repeats += 1
    } while clock.now - start < .seconds(budget)
    let seconds = (clock.now - start) / .seconds(1)
    rows.append(
      Row(operation: operation, threads: threads, seconds: seconds / Double(repeats * count)))
  }

  private mutating func check<Value: Equatable>(
    _ operation: String, _ found: [Value], _ expected: [Value]
  ) {
    if found != expected { wrong.append(operation) }
  }

  // MARK: - Telling

  private var ciphertextBytes: Int { keys.publicKey.ciphertextByteCount }
  private var packedBytes: Double { Double(ciphertextBytes) / Double(packing.slots) }

  /// A table and what it is about.
  var lines: [String] {
    var table = PrivacyTable([
      ("operation", .left), ("threads", .right), ("time", .right), ("a second", .right),
    ])
    for row in rows {
      table.rows.append([
        row.operation, "\(row.threads)", Self.time(row.seconds),
        row.seconds < 0.5
          ? Words.grouped(Int(1 / row.seconds)) : Words.nearest(1 / row.seconds, digits: 3),
      ])
    }
    return [
      "\(keys.publicKey.bits) bits, \(Words.grouped(ciphertextBytes)) bytes a ciphertext; packed, "
        + "\(packing.slots) values of 16 bits for sums of 1,000 clients, "
        + "\(Words.nearest(packedBytes, digits: 3)) bytes a value.", "",
    ] + table.lines + [
      "",
      isRight
        ? "Times of one number, packed of one value; every result was decrypted and is right."
        : "WRONG: \(Words.list(wrong)).",
    ]
  }

  /// `1.23 ms`, `4.56 us`, `78 ns`.
  private static func time(_ seconds: Double) -> String {
    if seconds >= 1e-3 { return Words.time(seconds) }
    return seconds >= 1e-6
      ? "\(Words.nearest(seconds * 1e6, digits: 3)) us"
      : "\(Words.nearest(seconds * 1e9, digits: 3)) ns"
  }

  /// What `--json` writes.
  var node: ConfigurationNode {
    let measured = rows.map { row in
      ReportNode.map([
        ("operation", .text(row.operation)), ("threads", .integer(row.threads)),
        ("seconds", .number(row.seconds)),
      ])
    }
    return ConfigurationNode(
      ReportNode.map([
        ("bits", .integer(keys.publicKey.bits)), ("ciphertextBytes", .integer(ciphertextBytes)),
        ("packedBits", .integer(packing.bits)), ("packedClients", .integer(packing.weightBound)),
        ("packedSlots", .integer(packing.slots)), ("packedBytes", .number(packedBytes)),
        ("operations", ReportNode.list(measured)), ("correct", .boolean(isRight)),
        ("wrong", ReportNode.texts(wrong)),
      ]))
  }
}
