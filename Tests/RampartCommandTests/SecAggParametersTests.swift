import Foundation
import TestSupport
import Testing

@Suite("rampart secagg parameters")
struct SecAggParametersTests {
  struct Answer: Decodable {
    struct Constraint: Decodable {
      var constraint: String
      var probability: Double
      var log2Probability: Double?
      var log2Limit: Double
    }
    struct Bytes: Decodable {
      var keys: Int
      var shares: Int
      var vector: Int?
      var total: Int?
    }
    var `protocol`: String
    var degree: Int
    var threshold: Int
    var largestThreshold: Int
    var bindingConstraint: String?
    var constraints: [Constraint]
    var modulusBits: Int
    var bytes: Bytes
    var fullGraphThreshold: Int?
  }

  private func run(_ line: String) throws -> (status: Int32, output: String, errors: String) {
    let rampart = try Program()
    defer { rampart.remove() }
    let words = ["secagg", "parameters"] + line.split(separator: " ").map(String.init)
    let result = try rampart.run(words, input: Data())
    return (result.status, String(decoding: result.output, as: UTF8.self), result.errors)
  }

  private func answer(_ line: String) throws -> Answer {
    let result = try run(line + " --json")
    #expect(result.status == 0 && result.errors.isEmpty)
    return try JSONDecoder().decode(Answer.self, from: Data(result.output.utf8))
  }

  // Rows published in graph_parameter_finder_test.cc of google/federated-compute.
  @Test(
    "JSON has the published degrees and thresholds",
    arguments: [
      ("--clients 1000 --corrupt 0.05 --dropout 0.33 --adversary curious", 72, 24),
      ("--clients 100 --corrupt 0.33 --dropout 0.33 --adversary curious", 68, 34),
      ("--clients 1000 --corrupt 0.05 --dropout 0.05 --adversary active", 52, 37),
    ])
  func published(_ row: (line: String, degree: Int, threshold: Int)) throws {
    let found = try answer(row.line)
    #expect(found.degree == row.degree && found.threshold == row.threshold)
    #expect(found.protocol == "secagg-plus")
    #expect(found.constraints.map(\.log2Limit) == [-41, -41, -20])
    for constraint in found.constraints {
      #expect(constraint.log2Probability ?? -.infinity <= constraint.log2Limit)
      #expect(abs(constraint.probability - exp2(constraint.log2Probability ?? -.infinity)) < 1e-12)
    }
    #expect(found.bindingConstraint != nil)
    #expect(found.bytes.total == nil)
  }

  @Test("the full graph, a modulus for weights, and bytes")
  func fullGraph() throws {
    let found = try answer(
      "--clients 100 --corrupt 0.1 --dropout 0.3 --protocol secagg --dimension 99999 --bits 16")
    #expect(found.degree == 99 && found.threshold == 11 && found.largestThreshold == 70)
    #expect(found.bindingConstraint == nil && found.fullGraphThreshold == 11)
    // The worked example of the formula: 100,000 elements with the weight.
    #expect(found.modulusBits == 23 && found.bytes.total == 309_772)
    #expect(found.bytes.keys == 6400 && found.bytes.shares == 15_872)
    let weighted = try answer(
      "--clients 100 --corrupt 0 --dropout 0 --protocol secagg --bits 20 --max-weight 1000")
    // 100 · 1000 · (2^20 - 1) is between 2^36 and 2^37.
    #expect(weighted.modulusBits == 37)
  }

  @Test("the text tells all of it")
  func text() throws {
    let result = try run(
      "--clients 1000 --corrupt 0.1 --dropout 0.1 --adversary curious --dimension 1000000")
    #expect(result.status == 0 && result.errors.isEmpty)
    for part in [
      "Each of 1,000 clients shares secrets with 48 neighbours (degree 48)", "threshold 27",
      "100 corrupt clients", "100 dropouts", "the honest survivors fall into parts", "2^-41",
      "2^-20", "The binding constraint is survivors", "Sums are modulo 2^26", "(3.11 MiB)",
      "The full graph (--protocol secagg) has the threshold 101",
    ] {
      #expect(result.output.contains(part), "\(part)")
    }
  }

  @Test(
    "what is wrong ends with status 2 and says what would work",
    arguments: [
      ("--clients 0 --corrupt 0.1 --dropout 0.1", "clients 0 must be in 2...10000000"),
      ("--clients 1000 --corrupt 0.1 --dropout -1.0", "--dropout: '-1.0' is not a fraction"),
      ("--clients 1000 --corrupt 10% --dropout 0", "for 10% write 0.1"),
      ("--clients 1000 --corrupt 0 --dropout 33", "for 33% write 0.33"),
      ("--clients 1000 --corrupt 0 --dropout 0 --failure 1e-6", "for 1e-6 write 20"),
      ("--clients 1000 --corrupt 0 --dropout 0 --security-bits 0", "must be in 1...1000"),
      ("--clients x --corrupt 0 --dropout 0", "'x' is not a whole number"),
      (
        "--clients 1000 --corrupt 0.5 --dropout 0.5 --adversary active",
        "with these corrupt clients a dropout of up to 0.2 works"
      ),
      ("--clients 10 --corrupt 0.4 --dropout 0.4", "with threshold 5: --protocol secagg"),
      ("--clients 10 --corrupt 0 --dropout 0 --adversary actve", "did you mean 'active'?"),
      ("--clients 10 --corrupt 0 --dropout 0 --bits 33", "the number of bits 33 must be in 1...32"),
      (
        "--clients 1000000 --corrupt 0 --dropout 0 --bits 32 --max-weight 65536",
        "up to 27 bits fit with these weights"
      ),
      ("--clients 10 --corrupt 0 --dropout 0 --dimension 0", "--dimension 0 must be in 1...2^40"),
    ])
  func mistakes(_ row: (line: String, part: String)) throws {
    let result = try run(row.line)
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.errors.contains(row.part), "\(result.errors)")
  }

  @Test("several mistakes are told at once")
  func several() throws {
    let result = try run("--clients ten --corrupt 2 --dropout 10% --bits many")
    #expect(result.status == 2)
    #expect(result.errors.split(separator: "\n").count == 4)
  }
}
