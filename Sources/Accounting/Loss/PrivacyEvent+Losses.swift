import Glibc

/// From which side of a pair of neighbours losses are seen.
package enum LossSide: CaseIterable, Sendable {
  /// P has the unit (or what it is exchanged for).
  case gain
  /// P lacks it.
  case loss
}

/// What an accountant of loss distributions asks of an event: a grid, and how to be on one side of it.
package struct LossRequest: Sendable {
  package var side: LossSide
  package var spacing: Double
  /// Mass below exp of this may be cut.
  package var logTail: Double
  package var method: Discretization
  /// The greatest number of cells.
  var limit = 1 << 22

  package init(
    side: LossSide, spacing: Double, logTail: Double, method: Discretization
  ) {
    self.side = side
    self.spacing = spacing
    self.logTail = logTail
    self.method = method
  }

  /// Whether the answer must dominate the event (or be dominated by it).
  var isPessimistic: Bool { method != .touchTheCurve && method != .roundDown }
}

extension PrivacyEvent {
  /// Why loss distributions do not bound this event; nil if they do.
  var lossRefusal: String? {
    switch mechanism {
    case .skellam, .distributedDiscreteGaussian:
      return "in more than one coordinate its worst pair of neighbours is not known, only bounds on"
        + " its Renyi divergences"
    case .concentrated:
      return "only its Renyi divergences are bounded"
    case .randomizedResponse where adjacency == .addRemove:
      return "whether a person answered at all is seen; randomized response hides which answer was"
        + " given (adjacency replace-one or zero-out)"
    default: break
    }
    let isGaussian = if case .gaussian = mechanism { true } else { false }
    let isLocal =
      switch mechanism {
      case .randomizedResponse, .exponential, .approximate: true
      default: false
      }
    switch sampling {
    case .everyone: return nil
    case .poisson where adjacency == .replaceOne && !isGaussian:
      return "Poisson sampling under replace-one is bounded for Gaussian noise only"
    case .poisson where isLocal:
      return "sampling a mechanism of which no pair of outcomes is known"
    case .poisson: return nil
    case .poissonRecords, .truncatedPoisson:
      if !isGaussian { return "\(sampling.name) sampling is bounded for Gaussian noise only" }
      if adjacency == .replaceOne {
        return
          "\(sampling.name) sampling has no bound under replace-one; use add-remove or zero-out"
      }
      return nil
    case .fixedSize:
      if adjacency == .addRemove {
        return
          "a batch of fixed size reveals that the population did not change; use replace-one or"
          + " zero-out"
      }
      return isLocal ? "sampling a mechanism of which no pair of outcomes is known" : nil
    case .shuffledBatches:
      if adjacency == .addRemove {
        return "one unit more moves every batch after it; use replace-one or zero-out"
      }
      return nil
    case .shuffledReports:
      return "reports that a shuffler mixes are bounded by amplification by shuffling"
    }
  }

  /// How much more a clipped sum can change than by adding one unit.
  private var exchange: Double {
    switch (adjacency, sampling) {
    case (.replaceOne, _), (.zeroOut, .fixedSize): 2
    default: 1
    }
  }

  /// The losses of one release; nil where an optimistic answer is that nothing is lost.
  package func losses(_ request: LossRequest) throws(AccountingError) -> LossMasses? {
    switch mechanism {
    case .gaussian(let noise): return try gaussianLosses(noise, request)
    case .laplace(let noise): return try laplaceLosses(noise, request)
    case .discreteGaussian(let deviation, let sensitivity):
      let variance = 2 * deviation * deviation
      return try noiseLosses(sensitivity, request) { $0 * $0 / variance }
    case .discreteLaplace(let scale, let sensitivity):
      return try noiseLosses(sensitivity, request) { $0 / scale }
    case .randomizedResponse(let noise, let categories):
      let atoms = responseAtoms(noise: noise, categories: categories)
      return try (request.side == .gain ? atoms : atoms.reversed)
        .masses(spacing: request.spacing, by: request.method)
    case .approximate(let epsilon, let delta):
      return try Self.boxAtoms(epsilon: epsilon, delta: delta)
        .masses(spacing: request.spacing, by: request.method)
    case .exponential(let epsilon):
      // Losses within an interval of that length: at worst all of it on either side of 0; a response
      // with losses at half of it on both sides is one such mechanism.
      return try Self.boxAtoms(epsilon: request.isPessimistic ? epsilon : epsilon / 2, delta: 0)
        .masses(spacing: request.spacing, by: request.method)
    case .nonPrivate:
      return LossMasses(spacing: request.spacing, lowest: 0, masses: [0], infinity: 1)
    case .skellam, .distributedDiscreteGaussian, .concentrated:
      throw unsupportedLosses
    }
  }

  private var unsupportedLosses: AccountingError {
    .unsupported(
      accountant: "pld", event: "\(self)", reason: lossRefusal ?? "no pair is known",
      supportedBy: Accountants.supporting(self, besides: "pld"))
  }

  // MARK: Gaussian noise

  private func gaussianLosses(
    _ noise: Double, _ request: LossRequest
  ) throws(AccountingError) -> LossMasses? {
    switch sampling {
    case .everyone:
      return try Self.gaussian(noise / exchange, rate: 1, request)
    case .poisson(let rate):
      if adjacency == .replaceOne {
        let pair = SampledGaussianExchange(deviation: noise, rate: rate)
        return try discretized(pair, request)
      }
      return try Self.gaussian(noise, rate: rate, request)
    case .poissonRecords(let rate, let perUnit):
      let weights = (0...perUnit).map { Binomial.mass($0, of: perUnit, rate, 1 - rate) }
      let parts = weights.enumerated().map { (mean: Double($0.offset), weight: $0.element.value) }
      return try discretized(
        GaussianMixturePair(
          deviation: noise, parts: parts, weightError: weights.map(\.slack).max() ?? 0,
          isGain: request.side == .gain),
        request)
    case .truncatedPoisson(let rate, let cap, let population):
      return try truncatedLosses(
        noise, rate: rate, cap: cap, population: population, request)
    case .fixedSize:
      // A unit in the batch stands in another's place: sensitivity 2 in the mixed pair (Zhu, Dong and
      // Wang 2022, theorem 11), though a unit exchanged for zero alone moves the sum by 1.
      if request.isPessimistic {
        return try Self.exchanged(request) { side throws(AccountingError) in
          var request = request
          request.side = side
          return try Self.gaussian(noise / 2, rate: sampling.rate, request)
        }
      }
      return try Self.gaussian(
        adjacency == .replaceOne ? noise / 2 : noise, rate: sampling.rate, request)
    case .shuffledBatches:
      return request.isPessimistic ? try Self.gaussian(noise / exchange, rate: 1, request) : nil
    case .shuffledReports:
      throw unsupportedLosses
    }
  }

  /// Gaussian noise of `deviation` over the sensitivity, each unit present with probability `rate`.
  static func gaussian(
    _ deviation: Double, rate: Double, _ request: LossRequest
  ) throws(AccountingError) -> LossMasses {
    switch request.side {
    case .gain:
      return try LossMasses.discretize(
        SampledGaussianGain(deviation: deviation, rate: rate), spacing: request.spacing,
        logTail: request.logTail, by: request.method,
        limit: request.limit)
    case .loss:
      return try LossMasses.discretize(
        SampledGaussianLoss(deviation: deviation, rate: rate), spacing: request.spacing,
        logTail: request.logTail, by: request.method,
        limit: request.limit)
    }
  }

  private func discretized(
    _ pair: some LossPair, _ request: LossRequest
  ) throws(AccountingError) -> LossMasses {
    try LossMasses.discretize(
      pair, spacing: request.spacing, logTail: request.logTail, by: request.method,
      limit: request.limit)
  }

  /// Poisson sampling cut at a cap (Ganesh et al. 2025, arXiv 2508.15089): with probability tau at
  /// most, the others alone fill the cap; then the unit stands in another's place, otherwise it adds
  /// itself.
  private func truncatedLosses(
    _ noise: Double, rate: Double, cap: Int, population: Int, _ request: LossRequest
  ) throws(AccountingError) -> LossMasses? {
    let full = Binomial.upperTail(cap, of: population - 1, rate, 1 - rate)
    let over = Binomial.upperTail(cap + 1, of: population, rate, 1 - rate)
    let share = Double(cap) / Double(population)
    if !request.isPessimistic {
      // All others zero: only whether the unit was kept matters, which has probability
      // q P[others below the cap] + cap / n P[more than the cap in all].
      let kept = (rate * full.complement.lower + share * over.lower).down(4)
      return kept > 0 ? try Self.gaussian(noise, rate: min(kept, 1), request) : nil
    }
    let plain = try Self.gaussian(noise, rate: rate, request)
    guard full.upper > 1e-300 else { return plain }
    let conditional = full.lower > 0 ? min(1, (over.upper * share / full.lower).up(4)) : 1
    let pair = SampledGaussianExchange(deviation: noise / 2, rate: conditional)
    let displaced = try discretized(pair, request)
    return .mixture(displaced, weight: full.upper, plain)
  }

  // MARK: Laplace noise

  private func laplaceLosses(
    _ noise: Double, _ request: LossRequest
  ) throws(AccountingError) -> LossMasses? {
    func losses(_ scale: Double, _ side: LossSide, rate: Double) throws(AccountingError)
      -> LossMasses
    {
      try discretized(SampledLaplace(scale: scale, rate: rate, isGain: side == .gain), request)
    }
    switch sampling {
    case .poisson(let rate): return try losses(noise, request.side, rate: rate)
    case .fixedSize:
      if request.isPessimistic {
        return try Self.exchanged(request) { side throws(AccountingError) in
          try losses(noise / 2, side, rate: sampling.rate)
        }
      }
      return try losses(
        adjacency == .replaceOne ? noise / 2 : noise, request.side, rate: sampling.rate)
    case .shuffledBatches where !request.isPessimistic: return nil
    default: return try losses(noise / exchange, request.side, rate: 1)
    }
  }

  // MARK: Integer noise

  private func noiseLosses(
    _ sensitivity: Int, _ request: LossRequest, exponent: (Double) -> Double
  ) throws(AccountingError) -> LossMasses? {
    func losses(_ shift: Int, _ side: LossSide, rate: Double) throws(AccountingError)
      -> LossMasses
    {
      let noise = try LossAtoms.discreteNoise(
        shift: shift, logTail: request.logTail, exponent: exponent)
      let pair = side == .gain ? noise : noise.reversed
      return try pair.sampled(rate: rate, isGain: side == .gain)
        .masses(spacing: request.spacing, by: request.method)
    }
    switch sampling {
    case .poisson(let rate): return try losses(sensitivity, request.side, rate: rate)
    case .fixedSize:
      if request.isPessimistic {
        return try Self.exchanged(request) { side throws(AccountingError) in
          try losses(2 * sensitivity, side, rate: sampling.rate)
        }
      }
      return try losses(
        (adjacency == .replaceOne ? 2 : 1) * sensitivity, request.side, rate: sampling.rate)
    case .shuffledBatches where !request.isPessimistic: return nil
    default:
      return try losses(
        (adjacency == .replaceOne ? 2 : 1) * sensitivity, request.side, rate: 1)
    }
  }

  // MARK: Discrete pairs

  private func responseAtoms(noise: Double, categories: Int) -> LossAtoms {
    let other = noise / Double(categories)
    let same = 1 - noise + other
    let rest = Double(categories - 2)
    let outcomes: [PairMass] =
      if adjacency == .zeroOut {
        // Against an answer drawn uniformly.
        [
          PairMass(p: same, q: 1 / Double(categories)),
          PairMass(p: other * (rest + 1), q: (rest + 1) / Double(categories)),
        ]
      } else {
        [
          PairMass(p: same, q: other), PairMass(p: other, q: same),
          PairMass(p: rest * other, q: rest * other),
        ]
      }
    return LossAtoms(outcomes: outcomes, massError: 8 * unitRoundoff)
  }

  /// The worst pair of all (epsilon, delta)-private mechanisms (Kairouz, Oh and Viswanath 2015).
  private static func boxAtoms(epsilon: Double, delta: Double) -> LossAtoms {
    let high = (1 - delta) / (1 + exp(-epsilon))
    let low = (1 - delta) * exp(-epsilon) / (1 + exp(-epsilon))
    return LossAtoms(
      outcomes: [
        PairMass(p: high, q: low), PairMass(p: low, q: high), PairMass(p: delta, q: 0),
        PairMass(p: 0, q: delta),
      ],
      massError: 16 * unitRoundoff)
  }

  // MARK: Both sides at once

  /// The pair whose curve is the greater of both sides': a unit is exchanged within each batch, and
  /// which way is not the same in all. Losses above 0 are those of a gain, below 0 those of a loss.
  private static func exchanged(
    _ request: LossRequest,
    _ losses: (LossSide) throws(AccountingError) -> LossMasses
  ) throws(AccountingError) -> LossMasses {
    let gain = try losses(.gain)
    let loss = try losses(.loss)
    guard gain.offset == 0, loss.offset == 0, gain.spacing == loss.spacing else {
      throw .numerical(
        accountant: "pld", reason: "fixed-size sampling of noise with losses off the common grid")
    }
    let lowest = min(loss.lowest, 0)
    let highest = max(gain.lowest + gain.masses.count - 1, 0)
    var both = gain
    both.lowest = lowest
    both.masses = [Double](repeating: 0, count: highest - lowest + 1)
    var rest = 1 - gain.infinity
    for index in lowest...highest where index != 0 {
      let source = index > 0 ? gain : loss
      let place = index - source.lowest
      guard place >= 0, place < source.masses.count else { continue }
      both.masses[index - lowest] = source.masses[place]
      rest -= source.masses[place]
    }
    both.masses[-lowest] = max(0, rest)
    // The atom at 0 has the same mass under both up to the rounding of the two sums.
    let sums = 4 * Double(both.masses.count) * unitRoundoff
    both.massError = max(gain.massError, loss.massError) + sums
    both.lossError = max(gain.lossError, loss.lossError) + sums
    return both
  }
}
