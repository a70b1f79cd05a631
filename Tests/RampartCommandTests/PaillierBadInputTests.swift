import BigIntegers
import Foundation
import Testing

@Suite("rampart paillier: bad input")
struct PaillierBadInputTests {
  /// What `line` must answer: one line that contains `words`, status 2, no output, no secret.
  private func expect(
    _ paillier: PaillierSession, _ line: String, input: String = "", _ words: String
  ) throws {
    let result = try paillier(line, input: input)
    #expect(result.status == 2 && result.output.isEmpty, "\(line): \(result)")
    #expect(result.errors.contains(words), "\(line): \(result.errors)")
    #expect(
      result.errors.hasPrefix("error: ") && result.errors.split(separator: "\n").count == 1,
      "\(line): \(result.errors)")
    let members = try PaillierSession.members(paillier.cases[0].privateText ?? "")
    for name in ["p", "q"] {
      #expect(!result.errors.contains(members[name] as? String ?? "\n"), "\(line) tells \(name)")
    }
  }

  @Test("ciphertexts outside the group are refused")
  func ciphertexts() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    let members = try PaillierSession.members(paillier.cases[0].privateText ?? "")
    let (p, q) = (PaillierSession.number(members["p"]), PaillierSession.number(members["q"]))
    let n = p * q
    for number in [0, -5, p, q * 12, n, n * n - n, n * n] as [BigInteger] {
      for line in ["decrypt key.json -", "add pub.json - 1", "multiply pub.json - 2"] {
        try expect(
          paillier, line, input: "{\"v\": \"\(number)\", \"e\": -32}",
          "standard input: not a ciphertext of this key: not invertible below n^2")
      }
    }
    try expect(
      paillier, "decrypt key.json -", input: "{\"v\": \"\(n * n * n)\", \"e\": 0}",
      "a ciphertext is not a whole number of this key's length")
    for exponent in ["-20000", "16385", "99999999999999999999", "0.5", "\"0\"", "null"] {
      try expect(
        paillier, "decrypt key.json -", input: "{\"v\": \"5\", \"e\": \(exponent)}", "exponent")
    }
    // 16^(9000 + 32) is beyond any number of 1024 bits.
    try expect(
      paillier, "add pub.json - 1", input: "{\"v\": \"5\", \"e\": 9000}", "beyond a third of n")
  }

  @Test("what pheutil refuses is refused")
  func refused() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    for text in try #require(paillier.cases[2].invalidCiphertext) {
      try expect(paillier, "decrypt key.json -", input: text, "standard input: ")
    }
    let file = try #require(paillier.cases[0].enc?.first?.file)
    try paillier.rampart.write(file, to: "c.json")
    for text in try #require(paillier.cases[2].invalidPrivate) {
      try expect(paillier, "decrypt - c.json", input: text, "standard input: ")
      try expect(paillier, "extract - -", input: text, "standard input: ")
    }
  }

  @Test("truncated, oversized and hostile texts are refused")
  func hostile() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    let file = try #require(paillier.cases[0].enc?.first?.file)
    let key = try #require(paillier.cases[0].privateText)
    try paillier.rampart.write(file, to: "c.json")
    for share in 0..<8 {
      let count = { (text: String) in String(text.prefix(text.count * share / 8)) }
      try expect(paillier, "decrypt key.json -", input: count(file), "standard input: ")
      try expect(paillier, "decrypt - c.json", input: count(key), "standard input: ")
    }
    for text in [
      "null", "[]", "{}", "\u{0}", String(repeating: "[", count: 60_000),
      String(repeating: " ", count: 70_000), "{\"v\": \"5\", \"v\": \"6\", \"e\": 0}",
      "{\"\\n\\u001b[31m\": 1, \"\\n\\u001b[31m\": 1}",
      "{\"v\": 1e999999, \"e\": 0}", "{\"v\": \"0x5\", \"e\": 0}", "{\"v\": \"5\"}",
      "{\"v\": \"\(String(repeating: "9", count: 60_000))\", \"e\": 0}",
    ] {
      try expect(paillier, "decrypt key.json -", input: text, "standard input: ")
      try expect(paillier, "encrypt - 1", input: text, "standard input: ")
    }
    try expect(paillier, "decrypt key.json /dev/zero", "/dev/zero")
    try expect(paillier, "decrypt key.json .", "'.' cannot be read")
    try expect(paillier, "decrypt none.json c.json", "'none.json' cannot be read")
    try expect(paillier, "addenc pub.json - -", input: file, "standard input is read once")
    try expect(paillier, "encrypt pub.json 1 --output no/c.json", "there is no folder 'no'")
    try expect(paillier, "genkey --bits 512 no/k.json", "there is no folder 'no'")
  }

  @Test("keys that are none are refused, each for what is wrong with it")
  func keys() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    let key = try #require(paillier.cases[0].privateText)
    let published = try #require(paillier.cases[0].publicText)
    let members = try PaillierSession.members(key)
    let (p, q) = (PaillierSession.number(members["p"]), PaillierSession.number(members["q"]))
    let n = p * q
    func swapped(_ text: String, _ pairs: [(BigInteger, BigInteger)]) -> String {
      pairs.reduce(text) {
        $0.replacingOccurrences(
          of: "\"\(PaillierSession.text($1.0))\"", with: "\"\(PaillierSession.text($1.1))\"")
      }
    }
    for (modulus, words) in [
      (n + 1, "even"), (p, "the modulus is a prime"), (p * p, "the same number"),
      (BigInteger(21), "no key has a modulus of 5 bits"),
      ((BigInteger(1) << 16_384) + 1, "no key has a modulus of 16385 bits"),
    ] {
      try expect(paillier, "encrypt - 1", input: swapped(published, [(n, modulus)]), words)
    }
    for (pairs, words) in [
      ([(q, p), (n, p * p)], "the same number"), ([(n, n * 3)], "do not belong together"),
      ([(p, p + 1), (n, (p + 1) * q)], "even"),
      ([(p, p * 3), (n, p * 3 * q)], "is not a prime"),
    ] as [([(BigInteger, BigInteger)], String)] {
      try expect(paillier, "extract - -", input: swapped(key, pairs), words)
    }
    for (old, new, words) in [
      ("DAJ", "RSA", "\"kty\" is not \"DAJ\""), ("PAI-GN1", "PAI-GN2", "\"alg\" is not"),
      ("[\"encrypt\"]", "[\"sign\"]", "\"key_ops\" does not list \"encrypt\""),
      ("\"n\"", "\"m\"", "\"n\" is missing"),
    ] {
      try expect(
        paillier, "encrypt - 1", input: published.replacingOccurrences(of: old, with: new), words)
    }
    try expect(paillier, "decrypt pub.json pub.json", "pub.json: ")
    try expect(
      paillier, "encrypt key.json 1",
      "key.json: a private key; the public one is its member \"pub\"")
  }

  @Test("numbers that are none, or too large, are refused and not repeated")
  func numbers() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    let file = try #require(paillier.cases[0].enc?.first?.file)
    try paillier.rampart.write(file, to: "c.json")
    for number in ["abc", "0x10", "1__0", "_1", "1_", "1,5", "--5", "nan(7)", "1e", "+-1"] {
      try expect(paillier, "encrypt pub.json -- \(number)", "PLAINTEXT is not a number")
    }
    for number in ["nan", "inf", "-Infinity", "1e999"] {
      try expect(paillier, "encrypt pub.json -- \(number)", "infinities and NaN")
      try expect(paillier, "add pub.json c.json -- \(number)", "infinities and NaN")
      try expect(paillier, "multiply pub.json c.json -- \(number)", "infinities and NaN")
    }
    // The message of 1024 bits' n ends at a third of 2^1024: 1e269 * 16^32 is within, 1e270 not.
    #expect(try paillier("encrypt pub.json 1e269").status == 0)
    for line in ["encrypt pub.json --", "add pub.json c.json --"] {
      try expect(paillier, "\(line) 1e270", "PLAINTEXT: the number, encoded, lies beyond a third")
      try expect(paillier, "\(line) -1e270", "PLAINTEXT: the number, encoded, lies beyond a third")
    }
  }

  @Test("a sum that became too large is told by decryption")
  func overflow() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    // n has 1024 bits and begins with 0xB1: a third of it is 2^1022 * 0.925, or 1.2e269 * 16^32.
    let large = try paillier("encrypt pub.json 1e269").output
    let sum = try paillier("add pub.json - 1e269", input: large)
    #expect(sum.status == 0)
    try expect(
      paillier, "decrypt key.json -", input: sum.output,
      "lies between the positive and the negative ones: overflow; a sum became too large")
  }

  @Test("a ciphertext of another key is refused by a key of 2048 bits")
  func otherKey() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    for name in ["a", "b"] {
      #expect(try paillier("genkey --bits 2048 \(name).json", insecure: false).status == 0)
      #expect(try paillier("extract \(name).json \(name)-pub.json", insecure: false).status == 0)
    }
    let text = try paillier("encrypt a-pub.json 5", insecure: false).output
    let result = try paillier("decrypt b.json -", input: text, insecure: false)
    // One number in 2^896 would be taken.
    #expect(result.status == 2 && result.output.isEmpty, "\(result)")
    #expect(result.errors.contains("of another key") || result.errors.contains("of this key"))
  }
}
