internal import Glibc

/// How sure a model is of an example's class, in the three forms that scores of exposure use beside
/// pictures: of a softmax `p` and a class `y`.
public enum ConfidenceScore {
  /// `log p_y - log sum_{c != y} p_c`: the logit of the confidence, without cancellation.
  ///
  /// For p = (0.7, 0.2, 0.1) and y = 0 it is 0.8473.
  ///
  /// Source: Carlini et al., Membership inference attacks from first principles, IEEE S&P 2022,
  /// section VI.A.
  public static func logit(_ p: [Double], label y: Int) -> Double {
    precondition(p.indices.contains(y), "class \(y) of \(p.count)")
    let others = p.indices.reduce(0) { $1 == y ? $0 : $0 + p[$1] }
    return log(p[y]) - log(others)
  }

  /// `-(1 - p_y) log p_y - sum_{c != y} p_c log(1 - p_c)`: low where the model is sure and right.
  ///
  /// For p = (0.7, 0.2, 0.1) and y = 0 it is 0.1622.
  ///
  /// Source: Song, Mittal, Systematic evaluation of privacy risks, USENIX Security 2021, equation
  /// 6.
  public static func modifiedEntropy(_ p: [Double], label y: Int) -> Double {
    precondition(p.indices.contains(y), "class \(y) of \(p.count)")
    func term(_ factor: Double, _ value: Double) -> Double { factor == 0 ? 0 : factor * log(value) }
    return p.indices.reduce(0) { sum, c in
      sum - (c == y ? term(1 - p[c], p[c]) : term(p[c], 1 - p[c]))
    }
  }

  /// `p / P` with the reference confidence `P = ((1 + a) P_out + 1 - a) / 2`, where only models
  /// that did not see the example exist.
  ///
  /// For p = 0.9, P_out = 0.6 and a = 0.3, P is 0.74 and the ratio 1.2162.
  ///
  /// Source: Zarifzadeh, Liu, Shokri, Low-cost high-power membership inference attacks, ICML 2024,
  /// section 3.
  public static func relative(_ p: Double, outside reference: Double, a: Double) -> Double {
    p / (((1 + a) * reference + 1 - a) / 2)
  }
}
