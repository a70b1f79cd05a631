import BigIntegers
import Foundation
import Harness
import Paillier
import Randomness

/// Files that one side writes and the other reads, by `pheutil` itself and by its library.
struct PaillierExchange {
  private let session: Session
  private let hasPeer: Bool
  private let bits = 2048
  private let files: PaillierPeer

  init(_ session: Session, hasPeer: Bool) {
    self.session = session
    self.hasPeer = hasPeer
    files = PaillierPeer(peers: session.peers)
  }

  /// Whole, negative, tiny, huge, and those at which exponents or printing change.
  private var values: [Double] {
    session.isSmoke
      ? [1, -2.5, 1e-30]
      : [
        0, 1, -1, -2.5, 0.1, 3e15, 1e16, -12_345_678_901_234_567_168, 1e-12, 1e-30, -1e-30,
        .leastNonzeroMagnitude, -.leastNormalMagnitude, 1e200, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, 1 / 3.0, 16, 0x1p-75, 0x1.fffffffffffffp-76,
      ]
  }

  func run() throws {
    guard hasPeer else {
      return session.check(
        "files of python-paillier", outcome: .absent, "python-paillier is not there")
    }
    let ours = try PaillierKeyPair(bits: bits).privateKey
    let ourText = PaillierFiles.text(
      of: ours, identifier: "a \"key\"", publicIdentifier: "its public one")
    let theirText = try files.pheutil(
      ["genpkey", "--keysize", "\(bits)", "key.json"], [:], result: "key.json")
    let theirs = try PaillierFiles.privateKey(Array(theirText.utf8))
    try keys(ourText, theirText, theirs)
    for (name, key, text) in [("our key", ours, ourText), ("their key", theirs, theirText)] {
      try numbers(name, key, text)
      try operations(name, key, text)
      try list(name, key, text)
      try encodings(name, key, text)
    }
  }

  private func keys(_ ours: String, _ theirs: String, _ key: PaillierPrivateKey) throws {
    var tally = Tally()
    for text in [ours, theirs] {
      let extracted = try files.pheutil(
        ["extract", "key.json", "pub.json"], ["key.json": text], result: "pub.json")
      tally.expect(
        try extracted == PaillierFiles.publicText(ofPrivateKey: Array(text.utf8)) + "\n")
      let published = try PaillierFiles.publicKey(Array(extracted.utf8))
      tally.expect(try published == PaillierFiles.privateKey(Array(text.utf8)).publicKey)
    }
    // Written again, their key is the text that it was.
    let members = try JSONDecoder().decode(Identified.self, from: Data(theirs.utf8))
    tally.expect(
      PaillierFiles.text(
        of: key, identifier: members.kid, publicIdentifier: members.pub.kid) + "\n" == theirs)
    show("keys", tally)
  }

  /// Encrypted by one side's command, decrypted by the other's.
  private func numbers(_ name: String, _ key: PaillierPrivateKey, _ text: String) throws {
    let published = try PaillierFiles.publicText(ofPrivateKey: Array(text.utf8))
    var tally = Tally()
    for value in values {
      let mine = try encrypted(value, key.publicKey)
      let read = try files.pheutil(
        ["decrypt", "--output", "out", "key.json", "c.json"],
        ["key.json": text, "c.json": PaillierFiles.text(of: mine)], result: "out")
      tally.expect(Double(read.trimmingCharacters(in: .newlines)) == value)
      let file = try files.pheutil(
        ["encrypt", "--output", "c.json", "pub.json", "--", "\(value)"],
        ["pub.json": published], result: "c.json")
      let other = try PaillierFiles.encryptedNumber(Array(file.utf8), key: key.publicKey)
      tally.expect(try key.decrypt(other) == .real(value))
      tally.expect(try key.decryptEncoded(other) == key.decryptEncoded(mine))
    }
    show("numbers, \(name)", tally)
  }

  /// The same sums and products by both sides, of the same operands.
  private func operations(_ name: String, _ key: PaillierPrivateKey, _ text: String) throws {
    let published = try PaillierFiles.publicText(ofPrivateKey: Array(text.utf8))
    var tally = Tally()
    for (a, b) in session.isSmoke
      ? [(-2.5, 0.1)]
      : [(-2.5, 0.1), (1e-30, 3), (3, -1e-30), (1e200, -1e-200), (0, 7), (-1e15, 0)]
    {
      let (x, y) = try (encrypted(a, key.publicKey), encrypted(b, key.publicKey))
      let operands = [
        "pub.json": published, "a.json": PaillierFiles.text(of: x),
        "b.json": PaillierFiles.text(of: y),
      ]
      for (verb, last, mine) in [
        ("addenc", "b.json", try x + y), ("add", "\(b)", try x + b),
        ("multiply", "\(b)", try x * b),
      ] {
        let result = try files.pheutil(
          [verb, "--output", "c.json", "pub.json", "a.json", "--", last], operands,
          result: "c.json")
        let theirs = try PaillierFiles.encryptedNumber(Array(result.utf8), key: key.publicKey)
        let lowered = try mine.decreasingExponent(
          to: min(mine.exponent, PaillierFiles.commandLineExponent))
        tally.expect(try key.decryptEncoded(theirs) == key.decryptEncoded(lowered))
      }
    }
    show("operations, \(name)", tally)
  }

  /// The library's list form, at the numbers' own exponents, with whole numbers among them.
  private func list(_ name: String, _ key: PaillierPrivateKey, _ text: String) throws {
    var tally = Tally()
    let whole: [BigInteger] = [0, 5, -7, BigInteger(10).power(80), key.publicKey.largestInteger]
    let theirs = try files.listed(
      text, whole.map { ["int", "\($0)"] } + values.map { ["float", "\($0)"] })
    let expected = whole.map { PlainNumber.integer($0) } + values.map { .real($0) }
    let read = try PaillierFiles.encryptedNumbers(Array(theirs.utf8), key: key.publicKey)
    tally.expect(read.count == expected.count)
    for (number, value) in zip(read, expected) {
      // At an exponent of 0 or more a double is a whole number.
      let found = try key.decrypt(number)
      tally.expect(found == value || found.double == value.double && number.exponent >= 0)
    }
    let mine =
      try whole.map { try key.publicKey.encrypt($0) }
      + values.map { try key.publicKey.encrypt($0) }
    let answers = try files.unlisted(text, PaillierFiles.text(of: mine, key: key.publicKey))
    for (answer, number) in zip(answers, mine) {
      switch try key.decrypt(number) {
      case .integer(let value): tally.expect(answer == ["int", "\(value)"])
      case .real(let value): tally.expect(answer[0] == "float" && Double(answer[1]) == value)
      }
    }
    tally.expect(answers.count == mine.count)
    show("list form, \(name)", tally)
  }

  /// Residues and exponents of doubles of any bits.
  private func encodings(_ name: String, _ key: PaillierPrivateKey, _ text: String) throws {
    var generator = Generator(seed: 5)
    let drawn = (0..<(session.isSmoke ? 50 : 5_000)).map { _ in
      Double(bitPattern: generator.next())
    }.filter(\.isFinite)
    var tally = Tally()
    for (value, answer) in zip(drawn, try files.encoded(text, drawn)) {
      let mine = try EncodedNumber(value, for: key.publicKey)
      tally.expect(answer.residue == "\(mine.residue)" && answer.exponent == mine.exponent)
    }
    show("encodings, \(name)", tally)
  }

  /// As the command encrypts.
  private func encrypted(
    _ value: Double, _ key: PaillierPublicKey
  ) throws -> EncryptedNumber<Ciphertext> {
    try key.encrypt(
      EncodedNumber(value, for: key, maxExponent: PaillierFiles.commandLineExponent))
  }

  private func show(_ label: String, _ tally: Tally) {
    session.check(
      label, outcome: tally.wrong == 0 && tally.count > 0 ? .passed : .failed,
      "\(tally.count - tally.wrong) of \(tally.count) agree",
      values: ["count": Double(tally.count), "wrong": Double(tally.wrong)])
  }

  private struct Tally {
    var count = 0
    var wrong = 0

    mutating func expect(_ holds: Bool) {
      count += 1
      if !holds { wrong += 1 }
    }
  }

  /// The remarks that go along with keys.
  private struct Identified: Decodable {
    struct Public: Decodable { var kid: String }
    var kid: String
    var pub: Public
  }
}

/// Questions to `peers/paillier.py`.
private struct PaillierPeer {
  let peers: Peers

  /// Runs `pheutil` on files; the text of the file `result` after it.
  func pheutil(
    _ arguments: [String], _ files: [String: String], result: String
  ) throws -> String {
    struct Question: Encodable {
      let `do` = "paillier"
      let what = "pheutil"
      var arguments: [String]
      var files: [String: String]
    }
    let texts = try peers.ask(
      Question(arguments: arguments, files: files), for: Answer<[String: String]>.self
    ).answer
    guard let text = texts[result] else {
      throw BenchError.peer("pheutil \(arguments[0]) wrote no \(result)")
    }
    return text
  }

  /// Numbers, each a kind and its digits, encrypted in the list form.
  func listed(_ key: String, _ values: [[String]]) throws -> String {
    struct Question: Encodable {
      let `do` = "paillier"
      let what = "listed"
      var key: String
      var values: [[String]]
    }
    return try peers.ask(Question(key: key, values: values), for: Answer<String>.self).answer
  }

  /// What a text in the list form holds, each a kind and its digits.
  func unlisted(_ key: String, _ text: String) throws -> [[String]] {
    struct Question: Encodable {
      let `do` = "paillier"
      let what = "unlisted"
      var key: String
      var text: String
    }
    return try peers.ask(Question(key: key, text: text), for: Answer<[[String]]>.self).answer
  }

  /// Residues and exponents of doubles.
  func encoded(
    _ key: String, _ values: [Double]
  ) throws -> [(residue: String, exponent: Int)] {
    struct Question: Encodable {
      let `do` = "paillier"
      let what = "encoded"
      var key: String
      var values: [Double]
    }
    struct Encoding: Decodable {
      var residue: String
      var exponent: Int

      init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        residue = try container.decode(String.self)
        exponent = try container.decode(Int.self)
      }
    }
    return try peers.ask(Question(key: key, values: values), for: Answer<[Encoding]>.self).answer
      .map { ($0.residue, $0.exponent) }
  }

  private struct Answer<Value: Decodable>: Decodable { var answer: Value }
}
