/// Why the benchmarks cannot go on.
enum BenchError: Error, CustomStringConvertible {
  /// The request is wrong; the message says what would work.
  case usage(String)
  /// A peer could not do its work.
  case peer(String)
  /// Something of ours failed.
  case failure(String)

  var description: String {
    switch self {
    case .usage(let text), .failure(let text): text
    case .peer(let text): "a peer failed: \(text)"
    }
  }
}
