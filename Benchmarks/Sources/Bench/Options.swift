import Components
import Foundation

/// What the command line asks for.
struct Options {
  /// Names of benchmarks; empty means all.
  var names: [String] = []
  /// Whether to run only long enough to see that everything works.
  var isSmoke = false
  /// Where to write the figures.
  var record: URL
  /// Whether peers may be started.
  var usesPeers = true
  /// Rounds, if not the usual number.
  var rounds: Int?
  /// Seconds of a side in a round, if not the usual time.
  var seconds: Double?
  /// Whether only the usage is wanted.
  var wantsHelp = false

  init(_ arguments: [String], known: [String]) throws(BenchError) {
    record = Places.record
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "--smoke": isSmoke = true
      case "--no-peers": usesPeers = false
      case "--help", "-h": wantsHelp = true
      case "--json": record = URL(filePath: try Self.value(of: word, &rest))
      case "--rounds":
        guard let value = Int(try Self.value(of: word, &rest)), value >= 1 else {
          throw .usage("--rounds needs a whole number of at least 1")
        }
        rounds = value
      case "--seconds":
        guard let value = Double(try Self.value(of: word, &rest)), value > 0, value <= 600 else {
          throw .usage("--seconds needs a number above 0, at most 600")
        }
        seconds = value
      case let option where option.hasPrefix("-"):
        let options = ["--smoke", "--no-peers", "--json", "--rounds", "--seconds", "--help"]
        throw .usage(NearestName.message(unknown: "option", option, known: options))
      default:
        guard known.contains(word) else {
          throw .usage(NearestName.message(unknown: "benchmark", word, known: known))
        }
        if !names.contains(word) { names.append(word) }
      }
    }
  }

  private static func value(
    of option: String, _ rest: inout ArraySlice<String>
  ) throws(BenchError) -> String {
    guard let value = rest.popFirst(), !value.isEmpty else {
      throw .usage("\(option) needs a value")
    }
    return value
  }
}
