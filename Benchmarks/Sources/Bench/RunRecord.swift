import Foundation
import Harness

/// A run as it is kept.
struct RunRecord: Codable {
  /// The form of this file.
  var format = 1
  var machine: Machine
  var effort: Effort
  var isSmoke: Bool
  /// Versions of what the peers run on.
  var peers: [String: String]
  /// Why there were no peers, if there were none.
  var peersAbsent: String?
  var records: [Record]
  var checks: [Check]

  /// Writes it as JSON that a person can read.
  func write(to file: URL) throws(BenchError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do { try encoder.encode(self).write(to: file) } catch {
      throw .usage("cannot write the figures to \(file.path(percentEncoded: false)): \(error)")
    }
  }
}
