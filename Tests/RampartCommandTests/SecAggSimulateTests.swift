import Foundation
import TestSupport
import Testing

@Suite("rampart secagg simulate")
struct SecAggSimulateTests {
  struct Answer: Decodable {
    struct Cost: Decodable {
      var round: String
      var role: String
      var messages: Int
      var bytes: Int
      var cpuSeconds: Double
    }
    var rounds: [Cost]
    var exact: Bool
    var aborted: String?
    var contributors: Int
    var threshold: Int
    var degree: Int
    var masksRemoved: Int
    var verification: Verification?

    struct Verification: Decodable {
      var verifiers: Int
      var accepted: Int
      var proverSeconds: Double
      var verifierSeconds: Double
      var bytesUp: Int
      var bytesDown: Int
    }
  }

  private func run(_ line: String) throws -> (status: Int32, output: String, errors: String) {
    let rampart = try Program()
    defer { rampart.remove() }
    let words = ["secagg", "simulate"] + line.split(separator: " ").map(String.init)
    let result = try rampart.run(words, input: Data())
    return (result.status, String(decoding: result.output, as: UTF8.self), result.errors)
  }

  private func answer(_ line: String) throws -> Answer {
    let result = try run(line + " --json")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    return try JSONDecoder().decode(Answer.self, from: Data(result.output.utf8))
  }

  @Test("The sum is exact, and the bytes are those of the messages' formats")
  func costs() throws {
    // 10 clients, one drops out; 100 coordinates of 16 bits and the weight modulo 2^20.
    let found = try answer("--clients 10 --dimension 100")
    #expect(found.exact && found.aborted == nil && found.contributors == 9)
    #expect(found.degree == 9 && found.threshold == 7)
    // Nine self masks, and nine that were agreed with the one that dropped out.
    #expect(found.masksRemoved == 18)
    let envelope = 153
    let expected: [(String, Int, Int)] = [
      ("client", 10, envelope + 96), ("server", 10, envelope + 4 + 10 * 100),
      ("client", 10, envelope + 4 + 9 * 84), ("server", 10, envelope + 4 + 9 * 84),
      ("client", 9, envelope + (101 * 20 + 7) / 8), ("server", 9, envelope + 2),
      ("client", 9, envelope + 4 + 10 * 37), ("server", 0, 0),
    ]
    #expect(found.rounds.map(\.role) == expected.map(\.0))
    #expect(found.rounds.map(\.messages) == expected.map(\.1))
    #expect(found.rounds.map(\.bytes) == expected.map { $0.1 * $0.2 })
    #expect(found.rounds.allSatisfy { $0.cpuSeconds >= 0 })
  }

  @Test("Every variant ends with the exact sum")
  func variants() throws {
    for line in [
      "--clients 12 --dimension 50 --active", "--clients 12 --dimension 50 --max-weight 9",
      "--clients 40 --dimension 20 --protocol secagg-plus --corrupt 0.05 --dropout 0.05",
      "--clients 40 --dimension 20 --protocol secagg-plus --corrupt 0.02 --dropout 0.02 --active",
      "--clients 5 --dimension 20 --bits 30 --max-weight 1000 --dropout 0 --jobs 3",
    ] {
      #expect(try answer(line).exact, "\(line)")
    }
    let text = try run("--clients 6 --dimension 10 --dropout 0")
    #expect(text.status == 0 && text.output.contains("exact in every bit"))
  }

  @Test("A committed sum is accepted by all that check, and what that takes is told apart")
  func committed() throws {
    // As above, with 26 pieces of 16 bits for commitments: of 10 clients, modulo 2^20.
    let found = try answer("--clients 10 --dimension 100 --protocol committed")
    #expect(found.exact && found.contributors == 9)
    let verification = try #require(found.verification)
    #expect(verification.verifiers == 9 && verification.accepted == 9)
    #expect(verification.proverSeconds > 0 && verification.verifierSeconds > 0)
    let pieces = (101 * 20 + 26 * 20 + 7) / 8 - (101 * 20 + 7) / 8
    #expect(verification.bytesUp == 45 + 125 + pieces)
    let lists = 13 + 4 + 10 * 36 + 64 + 13 + 4 + 9 * 116 + (127 * 20 + 7) / 8 + 64
    #expect(verification.bytesDown == lists)
    for line in [
      "--clients 6 --dimension 20 --dropout 0 --active --verifiers 1",
      "--clients 7 --dimension 20 --max-weight 9 --jobs 2",
    ] {
      #expect(try answer(line + " --protocol committed").exact, "\(line)")
    }
    let text = try run("--clients 4 --dimension 10 --dropout 0 --protocol committed")
    #expect(text.output.contains("4 of 4 clients that checked accept the sum"))
    let plain = try answer("--clients 4 --dimension 10 --dropout 0")
    #expect(plain.verification == nil)
  }

  @Test("A sum with proofs is accepted by all that check, and what that takes is told apart")
  func proved() throws {
    // 149 bytes of envelope, 288 a proof, of 13 elements or of the vector; sums modulo 2^19.
    for (name, proofs) in [("verifynet", 13), ("verifynet-per-vector", 1)] {
      let found = try answer("--clients 5 --dimension 12 --dropout 0.2 --protocol \(name)")
      #expect(found.exact && found.aborted == nil && found.contributors == 4)
      let verification = try #require(found.verification)
      #expect(verification.verifiers == 4 && verification.accepted == 4)
      #expect(verification.proverSeconds > 0 && verification.verifierSeconds > 0)
      #expect(verification.bytesUp == 149 + 288 * proofs)
      #expect(
        verification.bytesDown == 149 + 4 + 4 * 4 + (13 * 19 + 7) / 8 + 288 * proofs)
    }
    let text = try run(
      "--clients 4 --dimension 5 --dropout 0 --protocol verifynet-per-vector --verifiers 1 --active"
    )
    #expect(text.output.contains("1 of 1 clients that checked accept the sum"), "\(text)")
    #expect(text.output.contains("s a client to prove"))
  }

  @Test("VeriFL's sum is accepted, and messages of clients do not grow with the vector")
  func hashed() throws {
    var up: Set<Int> = []
    for dimension in [4, 40] {
      let found = try answer("--clients 6 --dimension \(dimension) --dropout 0.2 --protocol verifl")
      #expect(found.exact && found.contributors == 5)
      let verification = try #require(found.verification)
      #expect(verification.verifiers == 5 && verification.accepted == 5)
      #expect(verification.proverSeconds > 0 && verification.verifierSeconds > 0)
      up.insert(verification.bytesUp)
      let rounds = found.rounds.filter { $0.round.hasPrefix("VeriFL") && $0.role == "client" }
      #expect(rounds.map(\.messages) == [6, 6, 5, 0])
    }
    #expect(up.count == 1)
  }

  @Test("Wrong input says what would work")
  func wrongInput() throws {
    for (line, words) in [
      ("--clients 10 --dimension 10 --dropout 10", "for 10% write 0.1"),
      ("--clients 10 --dimension 10 --dropout 0.6 --active", "a dropout of up to 0.4 works"),
      ("--clients 1 --dimension 10", "must be in 2..."),
      ("--clients 10 --dimension 0", "--dimension 0"),
      ("--clients 10 --dimension 9000000000", "more than 4 GiB"),
      ("--clients 10 --dimension 10 --seed -1", "--seed"),
      ("--clients 10 --dimension 10 --jobs 0", "at least 1 thread"),
      ("--clients 10 --dimension 10 --jobs x", "--jobs: 'x' is not a whole number"),
      ("--clients 10 --dimension 10 --bits 40", "must be in 1...32"),
      ("--dimension 10", "--clients"),
      ("--clients 10 --dimension 10 --verifiers 2", "--protocol committed"),
      ("--clients 10 --dimension 10 --protocol verifynet --verifiers x", "--verifiers"),
      ("--clients 10 --dimension 10 --protocol verynet", "did you mean 'verifynet'"),
      ("--clients 10 --dimension 0 --protocol verifl", "--dimension 0"),
      ("--clients 10 --dimension 10 --protocol committed --verifiers -1", "--verifiers"),
    ] {
      let result = try run(line)
      #expect(result.status == 2 && result.output.isEmpty, "\(line)")
      #expect(result.errors.contains(words), "\(line): \(result.errors)")
    }
  }
}
