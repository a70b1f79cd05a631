import Foundation
import Testing

@Suite("rampart paillier")
struct PaillierCommandTests {
  @Test("what pheutil wrote is decrypted to what pheutil prints")
  func pheutilCiphertexts() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    let vector = paillier.cases[0]
    let files = try #require(vector.enc).map { ($0.file, $0.decrypted) }
    for (file, decrypted) in try files + #require(vector.ops).map({ ($0.file, $0.decrypted) }) {
      let found = try paillier("decrypt key.json -", input: file)
      #expect(found.status == 0 && found.output == decrypted + "\n", "\(found)")
    }
  }

  @Test("operations on what pheutil wrote give pheutil's numbers at pheutil's exponents")
  func pheutilOperations() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    let encrypted = try #require(paillier.cases[0].enc)
    for (index, item) in encrypted.enumerated() {
      try paillier.rampart.write(item.file, to: "\(index).json")
    }
    for item in try #require(paillier.cases[0].ops) {
      let operand = item.b.map { "\($0).json" } ?? item.plain ?? ""
      let result = try paillier("\(item.cmd) --output r.json pub.json \(item.a).json -- \(operand)")
      #expect(result.status == 0 && result.output.isEmpty, "\(result)")
      let text = try paillier.rampart.read("r.json")
      #expect(text.hasSuffix("}\n") && text.hasPrefix("{\"v\": \""))
      let (mine, theirs) = try (
        PaillierSession.members(text), PaillierSession.members(item.file)
      )
      #expect(mine["e"] as? Int == theirs["e"] as? Int)
      // The randomness is fresh.
      #expect(mine["v"] as? String != theirs["v"] as? String)
      #expect(try paillier("decrypt key.json r.json").output == item.decrypted + "\n")
    }
  }

  @Test("a whole session, from the key to the number")
  func session() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    func run(_ line: String) throws {
      let result = try paillier(line)
      #expect(result.status == 0 && result.output.isEmpty, "\(line): \(result)")
    }
    try run("genkey --bits 512 K.json")
    try run("extract K.json P.json")
    try run("encrypt P.json 12.5 --output A.json")
    try run("encrypt P.json --output B.json -- -2")
    try run("addenc P.json A.json B.json --output C.json")
    try run("add P.json C.json --output C.json -- -0.25")
    try run("multiply P.json C.json 3 --output C.json")
    #expect(try paillier("decrypt K.json C.json").output == "30.75\n")
    try run("decrypt K.json C.json --output plain.txt")
    #expect(try paillier.rampart.read("plain.txt") == "30.75\n")
    // Both ciphertexts of one number differ.
    let twice = try (0..<2).map { _ in try paillier("encrypt P.json 1").output }
    #expect(twice[0] != twice[1] && twice[0].hasSuffix(", \"e\": -32}\n"))
  }

  @Test(
    "numbers come back as Python prints them, at exponent -32 unless they need a lower one",
    arguments: [
      // frexp(1e-30)[1] is -99, and (-99 - 53) / 4 is -38; of 5e-324, -1073 and -281.5.
      ("0", "0.0", -32), ("7", "7.0", -32), ("-1e-12", "-1e-12", -32), ("0.1", "0.1", -32),
      ("1e-30", "1e-30", -38), ("5e-324", "5e-324", -282), ("1e22", "1e+22", -32),
      ("-12345678901234567890", "-1.2345678901234567e+19", -32),
      ("1_000", "1000.0", -32), ("1e200", "1e+200", -32), ("0.00001", "1e-05", -32),
    ])
  func numbers(plain: String, printed: String, exponent: Int) throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    let encrypted = try paillier("encrypt pub.json -- \(plain)")
    #expect(encrypted.status == 0, "\(encrypted)")
    #expect(try PaillierSession.members(encrypted.output)["e"] as? Int == exponent)
    #expect(try paillier("decrypt key.json -", input: encrypted.output).output == printed + "\n")
  }

  @Test("ciphertexts of the library at exponents of 0 and above are whole numbers")
  func wholeNumbers() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    let text = try #require(paillier.cases[0].enc).first?.file ?? ""
    // The message of 1 is 16^32: at exponent 0 it stands for that, at 1 for 16 times as much.
    let whole = text.replacingOccurrences(of: "\"e\": -32", with: "\"e\": 0")
    #expect(
      try paillier("decrypt key.json -", input: whole).output
        == "340282366920938463463374607431768211456\n")
    let raised = text.replacingOccurrences(of: "\"e\": -32", with: "\"e\": 1")
    #expect(
      try paillier("decrypt key.json -", input: raised).output
        == "5444517870735015415413993718908291383296\n")
    let sum = try paillier("add pub.json - 1", input: whole)
    #expect(try PaillierSession.members(sum.output)["e"] as? Int == -32)
    #expect(
      try paillier("decrypt key.json -", input: sum.output).output == "3.402823669209385e+38\n")
  }

  @Test("'-' is standard input and output, and status goes to standard error")
  func streams() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    let made = try paillier("genkey --bits 512 -")
    #expect(made.status == 0 && made.errors.contains("512 bits"))
    let key = made.output
    try paillier.rampart.write(key, to: "K.json")
    let extracted = try paillier("extract - -", input: key)
    #expect(extracted.status == 0 && extracted.errors.contains("public key"))
    let encrypted = try paillier("encrypt - 8.25 --output -", input: extracted.output)
    #expect(encrypted.status == 0 && !encrypted.errors.isEmpty)
    // Neither the number nor a factor is told beside the result.
    #expect(!encrypted.errors.contains("8.25"))
    let decrypted = try paillier("decrypt K.json -", input: encrypted.output)
    #expect(decrypted.output == "8.25\n" && !decrypted.errors.contains("8.25"))
    try paillier.rampart.write(encrypted.output, to: "C.json")
    #expect(try paillier("decrypt - C.json", input: key).output == "8.25\n")
    #expect(try paillier("decrypt /dev/stdin C.json", input: key).output == "8.25\n")
  }

  @Test("the measurement runs, and its results are right")
  func measurement() throws {
    let paillier = try PaillierSession()
    defer { paillier.remove() }
    let text = try paillier("bench --bits 512 --seconds 0.001 --jobs 2")
    #expect(text.status == 0 && text.output.contains("every result was decrypted and is right"))
    let json = try paillier("bench --bits 512 --seconds 0.001 --jobs 2 --json")
    let members = try PaillierSession.members(json.output)
    #expect(members["correct"] as? Bool == true && members["ciphertextBytes"] as? Int == 128)
    // Slots of 16 + 10 + 1 bits in 510.
    #expect(members["packedSlots"] as? Int == 18)
    let rows = try #require(members["operations"] as? [[String: Any]])
    #expect(rows.count == 12 && rows.allSatisfy { ($0["seconds"] as? Double ?? 0) > 0 })
  }
}
