internal import Glibc

/// The search for the least degree of a regular graph.
///
/// With a = ⌊corrupt n⌋ and b = ⌊dropout n⌋, the degree k is enough if
///
///     n (n-k-1)/2 · C(n-k, a+b-k) / C(n, a+b) < 2^-(σ+1)      two gaps of k/2 cut the ring
///     Pr[Hyp(n, a, k) > t1] <= 2^-(σ+1) / n                   corrupt neighbours
///     Pr[Hyp(n, n-b, k) < t2] < 2^-η / n                      surviving neighbours
///
/// with t1 < t2; then t = t1 + 1, but 2 where t2 allows it, so that no neighbour holds a whole
/// secret. Against an active server t1 becomes
/// ⌈(t1 + k - 1.25) / 2⌉: neighbours cannot be told apart into two groups that both reach t.
///
/// Source: Bell, Bonawitz, Gascón, Lepoint, Raykova 2020, *Secure Single-Server Aggregation with
/// (Poly)Logarithmic Overhead*, section 3; bounds as in the parameter finder of Google's
/// federated-compute, whose published parameters the tests compare with.
struct RegularGraphSearch {
  let policy: SecureAggregationPolicy

  private var n: Int { policy.clients }
  private var logClients: Double { log(Double(policy.clients)) }
  private var connectivityLimit: Double { -Double(policy.securityBits + 1) * log(2) }
  private var corruptLimit: Double { connectivityLimit - logClients }
  private var survivorLimit: Double { -Double(policy.failureBits) * log(2) - logClients }

  /// ln of the bound on the probability that the honest survivors are not connected.
  func logDisconnected(_ degree: Int) -> Double {
    let bad = policy.corruptClients + policy.dropouts
    guard degree <= bad, degree < n - 1 else { return -.infinity }
    let gaps = logClients + log(Double(n - degree - 1)) - log(2)
    return gaps + LogFactorial.of(bad) + LogFactorial.of(n - degree) - LogFactorial.of(n)
      - LogFactorial.of(bad - degree)
  }

  /// Corrupt neighbours of a client.
  private func corruptNeighbours(_ degree: Int) -> Hypergeometric {
    Hypergeometric(population: n, marked: policy.corruptClients, sample: degree)
  }

  /// Surviving neighbours of a client.
  private func survivingNeighbours(_ degree: Int) -> Hypergeometric {
    Hypergeometric(population: n, marked: policy.survivors, sample: degree)
  }

  /// How many corrupt neighbours it takes to open a secret.
  private func opening(_ threshold: Int, degree: Int) -> Int {
    policy.adversary == .curious ? threshold : 2 * threshold - degree
  }

  /// t1 and t2 of the definition, searched from a guess.
  private func thresholds(_ degree: Int, near guess: inout (corrupt: Int, survivors: Int)) -> (
    below: Int, most: Int
  ) {
    guess.corrupt = corruptNeighbours(degree).upperQuantile(corruptLimit, near: guess.corrupt)
    guess.survivors = survivingNeighbours(degree).lowerQuantile(
      survivorLimit, near: guess.survivors)
    // For integers, the ceiling of (t1 + k - 1.25) / 2 is the floor of (t1 + k) / 2.
    let below =
      policy.adversary == .curious ? guess.corrupt : (guess.corrupt + degree) / 2
    return (below, guess.survivors)
  }

  func run() throws(ParameterError) -> AggregationParameters {
    let total = policy.corrupt + policy.dropout * (policy.adversary == .active ? 2 : 1)
    guard total <= 0.9 else { throw .infeasible(policy) }
    // Connectivity only grows with the degree.
    var (low, high) = (1, (n - 1) / 2 + 1)
    while low < high {
      let middle = (low + high) / 2
      if logDisconnected(2 * middle) < connectivityLimit { high = middle } else { low = middle + 1 }
    }
    let least = 2 * low
    var guess = (
      corrupt: Int(policy.corrupt * Double(least)),
      survivors: Int((1 - policy.dropout) * Double(least))
    )
    for degree in stride(from: least, to: n - 1, by: 2) {
      let (below, most) = thresholds(degree, near: &guess)
      if below < most { return found(degree, below: below, most: most) }
    }
    throw .noDegree(policy, fullGraphThreshold: try? policy.fullGraphParameters().threshold)
  }

  private func found(_ degree: Int, below: Int, most: Int) -> AggregationParameters {
    let threshold = max(below + 1, min(2, most))
    let bits = 1 / log(2.0)
    let corrupt = corruptNeighbours(degree).logUpperTail(opening(threshold, degree: degree))
    let survivors = survivingNeighbours(degree).logLowerTail(threshold)
    return AggregationParameters(
      policy: policy, topology: .regular, degree: degree, threshold: threshold,
      thresholds: threshold...most,
      risks: [
        .init(
          constraint: .connectivity, log2Probability: min(0, logDisconnected(degree) * bits),
          log2Limit: connectivityLimit * bits),
        .init(
          constraint: .corruptNeighbourhood, log2Probability: min(0, (corrupt + logClients) * bits),
          log2Limit: connectivityLimit * bits),
        .init(
          constraint: .survivors, log2Probability: min(0, (survivors + logClients) * bits),
          log2Limit: -Double(policy.failureBits)),
      ],
      binding: binding(below: degree))
  }

  /// What rules out the degree before `degree`.
  private func binding(below degree: Int) -> AggregationParameters.Constraint? {
    let smaller = degree - 2
    guard smaller >= 2 else { return nil }
    guard logDisconnected(smaller) < connectivityLimit else { return .connectivity }
    var guess = (
      corrupt: Int(policy.corrupt * Double(smaller)),
      survivors: Int((1 - policy.dropout) * Double(smaller))
    )
    let (below, most) = thresholds(smaller, near: &guess)
    let missing = survivingNeighbours(smaller).logLowerTail(below + 1) - survivorLimit
    let opened =
      corruptNeighbours(smaller).logUpperTail(opening(most, degree: smaller)) - corruptLimit
    return missing > opened ? .survivors : .corruptNeighbourhood
  }
}

extension SecureAggregationPolicy {
  /// The least degree of a ``HararyGraph`` that keeps the policy, and its threshold.
  ///
  /// Exact for the bounds named; about 1 ms for a thousand clients, below 0.1 s for a million.
  ///
  /// - Throws: ``ParameterError/infeasible(_:)`` if corrupt + dropout (twice the dropout against an
  ///   active server) is above 0.9, ``ParameterError/noDegree(_:fullGraphThreshold:)`` if no degree
  ///   below n - 1 is enough.
  public func regularParameters() throws(ParameterError) -> AggregationParameters {
    try RegularGraphSearch(policy: self).run()
  }

  /// The least threshold of the full graph.
  ///
  ///     curious: corrupt clients < t <= survivors      active: (n + corrupt clients)/2 < t
  ///
  /// Since at most the given fractions are corrupt or drop out, nothing is left to chance.
  ///
  /// Source: Bonawitz et al. 2017, *Practical Secure Aggregation for Privacy-Preserving Machine
  /// Learning*, sections 6.1 and 6.2.
  ///
  /// - Throws: ``ParameterError/noThreshold(_:least:survivors:)`` if there is none.
  public func fullGraphParameters() throws(ParameterError) -> AggregationParameters {
    let safe =
      adversary == .curious ? corruptClients + 1 : (clients + corruptClients) / 2 + 1
    let threshold = max(safe, 2)
    guard threshold <= survivors else {
      throw .noThreshold(self, least: threshold, survivors: survivors)
    }
    let limits: [(AggregationParameters.Constraint, Int)] = [
      (.connectivity, -securityBits - 1), (.corruptNeighbourhood, -securityBits - 1),
      (.survivors, -failureBits),
    ]
    return AggregationParameters(
      policy: self, topology: .full, degree: clients - 1, threshold: threshold,
      thresholds: threshold...survivors,
      risks: limits.map {
        .init(constraint: $0.0, log2Probability: -.infinity, log2Limit: Double($0.1))
      },
      binding: nil)
  }
}
