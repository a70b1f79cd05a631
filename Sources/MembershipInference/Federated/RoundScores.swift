internal import Accounting
internal import Glibc
internal import Randomness

/// Scores of examples for membership in one client's data, from what a server records over rounds.
///
/// Which rounds are used is decided before looking: published baselines of one round are reported
/// at the round that is best on the examples under test, and source inference likewise; no function
/// here chooses a round.
extension RoundMeasurements {
  /// The mean over rounds of a client's measurements: a *loss series* if they are negated losses,
  /// *Avg-Cosine* if they are cosines.
  ///
  /// Source: Li, Li, Sun et al., "Effective passive membership inference attacks in federated
  /// learning against overparameterized models", ICLR 2023 (cosine); the repository of FedMIA.
  ///
  /// - Throws: `MembershipError.noSuch` for a client that is not there.
  public func seriesScores(client: Int) throws(MembershipError) -> [Double] {
    try check(client: client)
    return (0..<examples).map { example in
      (0..<rounds).reduce(0) { $0 + self[$1, client, example] } / Double(rounds)
    }
  }

  /// FedMIA: how far a client's measurement stands out from those of all other clients, in whose
  /// data the example is not.
  ///
  ///     score = mean over rounds of Phi((m_client - mu)/s),  mu and s over the other clients
  ///
  /// With negated losses it is FedMIA-I, with cosines FedMIA-II.
  ///
  /// - Parameter trimming: If given, others farther than this many standard deviations from their
  ///   mean are left out before mu and s are taken again; the paper's repository has 3 as an
  ///   option.
  /// - Throws: `MembershipError` for a client that is not there or fewer than 2 others.
  ///
  /// Source: Zhu et al., "FedMIA: an effective membership inference attack exploiting 'all for one'
  /// principle in federated learning" (arXiv 2402.06289), section 4.
  public func fedMIAScores(
    client: Int, trimming: Double? = nil
  ) throws(MembershipError) -> [Double] {
    try check(client: client)
    guard clients >= 3 else {
      throw .tooFew(
        what: "fedmia: other clients in the round", got: clients - 1, needed: 2,
        remedy: "take rounds with at least 3 clients")
    }
    if let trimming, !(trimming > 0) {
      throw .invalid(
        what: "fedmia: trimming", got: "\(trimming)", requirement: "must be greater than 0")
    }
    return (0..<examples).map { example in
      var sum = 0.0
      for round in 0..<rounds {
        let others = (0..<clients).filter { $0 != client }.map { self[round, $0, example] }
        var moments = Moments(others)
        if let trimming {
          let reach = trimming * moments.variance.squareRoot()
          let kept = others.filter { abs($0 - moments.mean) <= reach }
          if kept.count >= 2 { moments = Moments(kept) }
        }
        // Others that all say the same have no spread, but rounding.
        let variance = max(moments.variance, 1e-24 * (1 + moments.mean * moments.mean))
        sum += NormalDistribution.cumulative(
          (self[round, client, example] - moments.mean) / variance.squareRoot())
      }
      return sum / Double(rounds)
    }
  }

  /// Source inference: for each example the client that it is most likely from, the one with the
  /// largest measurement (least loss), averaged over rounds; the first of equals.
  ///
  /// Guessing is right for a share 1/clients of the examples.
  ///
  /// Source: Hu, Salcic, Sun, Dobbie, Zhang, "Source inference attacks in federated learning"
  /// (arXiv 2109.05659), section 3.
  public var sources: [Int] {
    (0..<examples).map { example in
      let means = (0..<clients).map { client in
        (0..<rounds).reduce(0) { $0 + self[$1, client, example] } / Double(rounds)
      }
      return means.indices.max { (means[$0], -$0) < (means[$1], -$1) } ?? 0
    }
  }
}
