import BigIntegers
import Harness
import Paillier
import Randomness

/// Paillier's scheme against python-paillier with gmpy2, on the same keys, numbers and files.
enum PaillierBenchmark: Benchmark {
  static let name = "paillier"
  static let summary =
    "encryption, sums, decryption, packed vectors, a model; files to and from python-paillier"

  static func run(in session: Session) throws {
    let hasPeer = session.peers.absence == nil && session.peers.meet("phe")
    if session.peers.absence == nil, !hasPeer { session.remark("python-paillier is absent") }
    try PaillierExchange(session, hasPeer: hasPeer).run()
    let rates = try PaillierRates(session, hasPeer: hasPeer)
    try rates.run()
    try PaillierModel(session, keys: rates.keys, peer: rates.peer).run()
  }
}

/// Microseconds of one number, or of one value of a packed vector.
private final class PaillierRates {
  let keys: PaillierKeyPair
  private let session: Session
  private let hasPeer: Bool
  private let key: String
  /// In [1, 2), whose encodings have one exponent, so that sums need no alignment.
  private let values: [Double]
  private static let exponent = -13
  private let codes: [Int]
  private let packing: PackedEncoding
  private var isRight = true
  /// What the peer took for each operation, in microseconds.
  private(set) var peer: [String: Double] = [:]

  init(_ session: Session, hasPeer: Bool) throws {
    self.session = session
    self.hasPeer = hasPeer
    keys = try PaillierKeyPair(
      bits: session.isSmoke ? 512 : 2048, allowsInsecureSize: session.isSmoke)
    keys.publicKey.prepare()
    key = PaillierFiles.text(of: keys.privateKey, identifier: "", publicIdentifier: "")
    var generator = Generator(seed: 1)
    values = (0..<64).map { _ in 1 + generator.uniform() }
    packing = try PackedEncoding(bits: 16, clients: 1000, key: keys.publicKey)
    codes = (0..<8 * packing.slots).map { _ in generator.uniform(below: 1 << 16) - 1 << 15 }
  }

  func run() throws {
    session.remark(
      "\(keys.publicKey.bits) bits; packed: \(packing.slots) values of \(packing.bits) bits a "
        + "ciphertext, for sums of \(packing.weightBound)"
        + (hasPeer ? "; python-paillier works on one core" : ""))
    let ciphertexts = try values.map { try keys.publicKey.encrypt($0) }
    try encryption()
    try sums(ciphertexts)
    try decryption(ciphertexts)
    session.check(
      "results", outcome: isRight ? .passed : .failed,
      isRight ? "what was computed is right on both sides" : "a result is wrong")
  }

  private func encryption() throws {
    let (keys, values, codes, packing) = (keys, values, codes, packing)
    var vector = try packing.encrypt(codes)
    func encrypt(_ workers: Int) -> Side {
      Side("\(workers)") { [self] seconds in
        var found: [EncryptedNumber<Ciphertext>] = []
        let time = try microseconds(for: seconds) {
          found = try keys.publicKey.encrypt(values, exponent: Self.exponent, workers: workers)
          return values.count
        }
        try expect(found, values)
        return time
      }
    }
    let pool = Side("pool") { [self] seconds in try pooled(for: seconds) }
    let packed = Side("packed") { [self] seconds in
      let time = try microseconds(for: seconds) {
        vector = try packing.encrypt(codes)
        return codes.count
      }
      isRight = try isRight && packing.decrypt(vector, with: keys.privateKey) == codes
      return time
    }
    try compare(
      "encrypt", task: PaillierTask("encrypt", key, values: values), expected: values,
      [
        ("one core", encrypt(1), 10), ("two cores", encrypt(2), 18), ("filled pool", pool, 300),
        ("packed", packed, 600),
      ])
  }

  /// Encryption with factors that are there; making them is not timed.
  private func pooled(for seconds: Double) throws -> Double {
    let residues = try values.map { value in
      try EncodedNumber(value, for: keys.publicKey, exponent: Self.exponent).residue
    }
    let clock = ContinuousClock()
    var (count, taken) = (0, Duration.zero)
    // Filling takes some fifty times as long as using.
    let least = max(1, Int(seconds * 10))
    while count < least * residues.count {
      var pool = try ObfuscationPool(
        for: keys.publicKey, count: residues.count, workers: Core.count)
      var found: [Ciphertext] = []
      let start = clock.now
      for residue in residues { found.append(try pool.encrypt(residue: residue)) }
      taken += clock.now - start
      count += residues.count
      try expect(
        found.map { try EncryptedNumber(ciphertext: $0, exponent: Self.exponent) }, values)
    }
    return taken / .microseconds(1) / Double(count)
  }

  private func sums(_ ciphertexts: [EncryptedNumber<Ciphertext>]) throws {
    let expected = zip(values, values.reversed()).map { $0 + $1 }
    let add = Side("add") { [self] seconds in
      var found: [EncryptedNumber<RawCiphertext>] = []
      let time = try microseconds(for: seconds) {
        found = try zip(ciphertexts, ciphertexts.reversed()).map { try $0 + $1 }
        return found.count
      }
      try expect(found, expected)
      return time
    }
    try compare(
      "add", task: PaillierTask("add", key, ciphertexts: ciphertexts), expected: expected,
      [("one core", add, 1)])
  }

  private func decryption(_ ciphertexts: [EncryptedNumber<Ciphertext>]) throws {
    let (keys, values, codes, packing) = (keys, values, codes, packing)
    let vector = try packing.encrypt(codes)
    func decrypt(_ workers: Int) -> Side {
      Side("\(workers)") { [self] seconds in
        var found: [PlainNumber] = []
        let time = try microseconds(for: seconds) {
          found = try keys.privateKey.decrypt(ciphertexts, workers: workers)
          return found.count
        }
        isRight = isRight && found.map(\.double) == values
        return time
      }
    }
    let packed = Side("packed") { [self] seconds in
      var found: [Int] = []
      let time = try microseconds(for: seconds) {
        found = try packing.decrypt(vector, with: keys.privateKey)
        return codes.count
      }
      isRight = isRight && found == codes
      return time
    }
    try compare(
      "decrypt", task: PaillierTask("decrypt", key, ciphertexts: ciphertexts), expected: values,
      [
        ("one core", decrypt(1), 1.4), ("two cores", decrypt(2), 2.4),
        ("packed", packed, 40),
      ])
  }

  /// Our sides and the peer in the same rounds, a row for each of ours.
  private func compare(
    _ operation: String, task: PaillierTask, expected: [Double],
    _ ours: [(label: String, side: Side, target: Double)]
  ) throws {
    let unit = hasPeer ? try session.peers.unit(.oneThread, task) : nil
    defer { try? unit?.drop() }
    let peer = unit.map { unit in
      Side("python-paillier") { try 1000 * unit.milliseconds(for: $0) }
    }
    let series = try session.effort.measure(ours.map(\.side) + (peer.map { [$0] } ?? []))
    if let unit {
      self.peer[operation] = series[ours.count].median
      isRight = try isRight && unit.values() == expected
    }
    for (index, row) in ours.enumerated() {
      var record = Record(
        benchmark: session.name, label: "\(operation), \(row.label)", unit: "us", measure: .time,
        ours: series[index],
        others: series.dropFirst(ours.count).map { .init(name: "python-paillier", series: $0) })
      record.titles = .init(other: "python-paillier")
      record.target = .atLeast(row.target)
      session.add(record)
    }
  }

  private func microseconds(for seconds: Double, _ work: () throws -> Int) throws -> Double {
    try 1e6 / workRate(for: seconds, work)
  }

  private func expect(
    _ found: [EncryptedNumber<some PaillierCiphertext>], _ values: [Double]
  ) throws {
    let plain = try keys.privateKey.decrypt(found, workers: Core.count)
    isRight = isRight && plain.map(\.double) == values
  }
}

/// What the peer is to repeat: a task of `peers/paillier.py`.
private struct PaillierTask: Encodable {
  let `do` = "prepare"
  let task = "paillier"
  var question: String
  /// The text of the private key.
  var key: String
  var values: [Double]
  var ciphertexts: [String]

  init(
    _ question: String, _ key: String, values: [Double] = [],
    ciphertexts: [EncryptedNumber<Ciphertext>] = []
  ) {
    self.question = question
    self.key = key
    self.values = values
    self.ciphertexts = ciphertexts.map { PaillierFiles.text(of: $0) }
  }
}
