internal import Glibc

/// What a classifier says about one example: the class probabilities p, the true class y.
///
/// All from logits z, without ever forming a difference of numbers close to 1:
///
///     log p_c = z_c - log sum_j exp z_j
///     phi     = log p_y - log(1 - p_y) = z_y - log sum over c != y of exp z_c
public struct Posterior: Sendable {
  /// The logarithms of the class probabilities; -infinity for probability 0.
  public let logProbabilities: [Double]
  /// The true class.
  public let label: Int
  /// log of the probability of all other classes together, with its digits also where p_y is near
  /// 1.
  private let logRest: Double

  /// From logits, by class; `temperature` divides them.
  ///
  /// - Precondition: `label` is one of at least two classes.
  public init(logits: some Collection<Double>, label: Int, temperature: Double = 1) {
    let scaled = logits.map { $0 / temperature }
    precondition(scaled.indices.contains(label) && scaled.count > 1, "a label of several classes")
    let total = Self.logSumExp(scaled)
    logProbabilities = scaled.map { $0 - total }
    logRest = Self.logSumExp(scaled, without: label) - total
    self.label = label
  }

  /// From probabilities, by class.
  ///
  /// Digits that probabilities near 1 have lost are gone; the other classes' sum stands in for
  /// 1 - p_y.
  ///
  /// - Precondition: `label` is one of at least two classes.
  public init(probabilities: some Collection<Double>, label: Int) {
    self.init(logits: probabilities.map { log($0) }, label: label)
  }

  /// log p_y.
  public var logConfidence: Double { logProbabilities[label] }
  /// The cross-entropy, -log p_y.
  public var loss: Double { -logProbabilities[label] }
  /// phi = log p_y - log(1 - p_y), the confidence on the scale where losses of shadow models are
  /// nearly normal. Source: Carlini et al. (arXiv 2112.03570), section IV.C.
  public var phi: Double { logProbabilities[label] - logRest }
  /// Whether the label has the largest probability; the first class wins a tie.
  public var isCorrect: Bool {
    let top = logProbabilities.indices.max {
      (logProbabilities[$0], -$0) < (logProbabilities[$1], -$1)
    }
    return top == label
  }
  /// The entropy H = -sum p log p, in nats; 0 log 0 is 0.
  public var entropy: Double {
    -logProbabilities.reduce(0) { $0 + ($1 == -.infinity ? 0 : exp($1) * $1) }
  }
  /// The entropy that knows the label: small for a confident right answer only.
  ///
  ///     -(1 - p_y) log p_y - sum over c != y of p_c log(1 - p_c)
  ///
  /// Example: p = (0.7, 0.2, 0.1), y = 0 gives 0.1622. A factor 0 makes its term 0.
  ///
  /// Source: Song, Mittal, "Systematic evaluation of privacy risks of machine learning models"
  /// (arXiv 2003.10595), equation 8.
  public var modifiedEntropy: Double {
    let rest = exp(logRest)
    var sum = rest == 0 ? 0 : -rest * logProbabilities[label]
    for (index, value) in logProbabilities.enumerated() where index != label {
      let p = exp(value)
      if p > 0 { sum -= p * (p < 0.5 ? log1p(-p) : logOfRest(index)) }
    }
    return sum
  }

  /// log(1 - p_c), from the other classes.
  private func logOfRest(_ index: Int) -> Double {
    Self.logSumExp(logProbabilities, without: index)
  }

  /// log of the sum of exponentials, `skipped` left out; -infinity of nothing.
  static func logSumExp(_ values: [Double], without skipped: Int = -1) -> Double {
    var largest = -Double.infinity
    for (index, value) in values.enumerated() where index != skipped {
      largest = max(largest, value)
    }
    guard largest > -.infinity else { return largest }
    var sum = 0.0
    for (index, value) in values.enumerated() where index != skipped {
      sum += exp(value - largest)
    }
    return largest + log(sum)
  }

  /// phi from a loss alone: -loss - log(1 - exp(-loss)); `loss` is positive.
  ///
  /// A small loss is a rounded one: in single precision losses are multiples of about 1e-7, so phi
  /// is coarse above 15. Logits have no such limit.
  static func phi(loss: Double) -> Double {
    -loss - (loss < 0.5 ? log(-expm1(-loss)) : log1p(-exp(-loss)))
  }
}
