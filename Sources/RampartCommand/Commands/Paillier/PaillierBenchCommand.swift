internal import BigIntegers
internal import CommandLineTools
internal import Components
internal import FileFormats
internal import Foundation
internal import Paillier

extension CommandSpec {
  /// `rampart paillier bench`.
  static let paillierBench = CommandSpec(
    "bench",
    abstract: "Measure what Paillier's operations take on this machine.",
    discussion: """
        rampart paillier bench
        rampart paillier bench --bits 2048 --json

      Makes a key and times encryption, sums, products and decryption, one number at a time and \
      packed: 16-bit values that 1,000 clients may add up, many to a ciphertext. Every result is \
      decrypted and compared. 'with a pool' is the part of encryption that is left when the factors \
      that hide have been made ahead. How python-paillier does on the same machine is measured by \
      ./run bench paillier.

      Exit status: 0 every result was right, 1 one was wrong, 2 the command line is wrong.
      """,
    parameters: [
      .option(
        "bits", "N", "Bits of the modulus, an even number.",
        kind: .integer(in: 128...PaillierPublicKey.mostBits),
        default: "\(PaillierPublicKey.standardBits)"),
      .option(
        "seconds", "T", "About how long to measure an operation.",
        kind: .number(in: 0.001...600), default: "0.5"),
      .option(
        "jobs", "N", "Threads of the rows with several (default: all cores).",
        kind: .integer(in: 1...1024)),
      .flag("insecure", "Take fewer than 2048 bits, which can be factored."),
      .flag("json", "Write JSON."),
    ]
  ) { arguments in
    let bits = arguments.int("bits") ?? PaillierPublicKey.standardBits
    guard bits % 2 == 0 else {
      throw UserError("--bits \(bits): keys have an even number of bits; take \(bits + 1)")
    }
    guard bits >= PaillierPublicKey.leastBits || arguments.flag("insecure") else {
      throw UserError(
        "--bits \(bits): take at least \(PaillierPublicKey.leastBits), or --insecure for tests")
    }
    var measurement = try PaillierMeasurement(
      bits: bits, seconds: arguments.double("seconds") ?? 0.5,
      jobs: arguments.int("jobs") ?? ProcessInfo.processInfo.activeProcessorCount)
    try measurement.run()
    if arguments.flag("json") {
      Terminal.output.writeLine(JSON.text(of: measurement.node))
    } else {
      for line in measurement.lines { Terminal.output.writeLine(line) }
    }
    return measurement.isRight ? .done : .failed
  }
}
