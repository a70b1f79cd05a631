/// The weight a client claims in an average.
public enum Weighting: String, CaseIterable, Codable, Hashable, Sendable {
  /// Its number of training examples: FedAvg as published.
  case samples
  /// 1 for everybody: what client-level privacy and most robustness theory assume.
  case uniform

  /// The weight of a client that holds `examples` examples.
  func weight(examples: Int) -> Double {
    switch self {
    case .samples: Double(examples)
    case .uniform: 1
    }
  }
}
