import Glibc

/// Events made ready for composition: checked, merged, and put on grids as questions need them.
struct LossHistory: Sendable {
  /// Distinct sampled or non-Gaussian events with their total counts.
  private(set) var events: [PrivacyEvent] = []
  /// The squared means of all unsampled Gaussian releases, which compose into one.
  private(set) var gaussianInformation = 0.0
  /// The greatest number of releases behind that sum, for its rounding.
  private(set) var gaussianTerms = 0
  /// Whether an event promises nothing.
  private(set) var isNonPrivate = false

  var isEmpty: Bool { events.isEmpty && gaussianInformation == 0 }

  /// Merges events that loss distributions bound and that have one relation and level.
  init(_ events: [PrivacyEvent]) throws(AccountingError) {
    var kinds: [PrivacyEvent] = []
    for event in events where event.count > 0 {
      if event.mechanism == .nonPrivate {
        isNonPrivate = true
        continue
      }
      var event = event
      if case .shuffledBatches(let size, let population) = event.sampling {
        // A unit is in at most one batch of each pass; an incomplete last batch may have been dropped.
        let batches = max(1, population / size)
        let passes = event.count / batches + (event.count % batches == 0 ? 0 : 1)
        event = try event.repeated(passes)
      }
      if event.sampling.rate == 1, case .poisson = event.sampling {
        event = try PrivacyEvent(
          event.mechanism, adjacency: event.adjacency, unit: event.unit, count: event.count)
      }
      if case .gaussian(let noise) = event.mechanism, event.sampling == .everyone {
        let sensitivity = event.adjacency == .replaceOne ? 2.0 : 1
        gaussianInformation += Double(event.count) * (sensitivity / noise) * (sensitivity / noise)
        gaussianTerms += 1
        continue
      }
      let once = try event.repeated(1)
      if let index = kinds.firstIndex(of: once) {
        let (count, overflow) = self.events[index].count.addingReportingOverflow(event.count)
        guard !overflow else {
          throw .invalid("count", "\(event.count)", "makes more releases than can be counted")
        }
        self.events[index] = try event.repeated(count)
      } else {
        kinds.append(once)
        self.events.append(event)
      }
    }
  }

  /// Whether there are unsampled Gaussian releases and nothing else.
  var isGaussian: Bool { events.isEmpty && gaussianInformation > 0 }

  /// How many releases there were, all unsampled Gaussian ones counted as the one they are.
  var releases: Double {
    events.reduce(gaussianInformation > 0 ? 1 : 0) { $0 + Double($1.count) }
  }

  /// A bound on the probability that a unit is drawn at all, at most 1.
  var drawn: Double {
    if gaussianInformation > 0 { return 1 }
    var sum = 0.0
    for event in events {
      switch event.sampling {
      case .poisson(let rate), .truncatedPoisson(let rate, _, _):
        sum += rate * Double(event.count)
      case .poissonRecords(let rate, let perUnit):
        sum += rate * Double(perUnit) * Double(event.count)
      case .fixedSize where event.adjacency == .replaceOne:
        sum += event.sampling.rate * Double(event.count)
      default: return 1
      }
    }
    return min(1, sum)
  }

  /// Whether the pairs that bound the events from above are those of actual neighbours, so that a lower
  /// end follows from the same pairs.
  var isAttained: Bool {
    events.allSatisfy { event in
      switch (event.mechanism, event.sampling) {
      case (.exponential, _), (_, .truncatedPoisson), (_, .fixedSize), (_, .shuffledBatches): false
      default: true
      }
    }
  }

  /// Whether all events look the same from both sides.
  private var isSymmetric: Bool {
    events.allSatisfy { event in
      switch (event.mechanism, event.sampling) {
      case (_, .fixedSize): true
      case (.randomizedResponse, _): event.adjacency == .replaceOne
      case (_, .everyone), (_, .shuffledBatches): true
      case (.gaussian, .poisson): event.adjacency == .replaceOne
      default: false
      }
    }
  }

  /// The sides that must be asked.
  var sides: [LossSide] { isSymmetric ? [.gain] : [.gain, .loss] }

  /// The composition seen from one side; nil if nothing is lost.
  func composed(_ request: LossRequest) throws(AccountingError) -> ComposedLoss? {
    var parts: [(masses: LossMasses, count: Int)] = []
    var request = request
    // Exact lattices of discrete mechanisms are used if they are all there is.
    if events.count == 1, gaussianInformation == 0, let event = events.first {
      if case .laplace(let noise) = event.mechanism, event.sampling == .everyone {
        // A grid that the two atoms of the loss lie on.
        let end = (event.adjacency == .replaceOne ? 2 : 1) / noise
        request.spacing = end / (end / request.spacing).rounded(.up)
      }
      guard let losses = try event.losses(request) else { return nil }
      return ComposedLoss([(losses, event.count)])
    }
    for event in events {
      guard var losses = try event.losses(request) else { continue }
      if losses.spacing != request.spacing {
        losses = try losses.regridded(spacing: request.spacing, by: request.method)
      }
      parts.append((losses, event.count))
    }
    if gaussianInformation > 0 {
      request.side = .gain
      let slack = 8 + 2 * Double(gaussianTerms)
      let information =
        request.isPessimistic ? gaussianInformation.up(slack) : gaussianInformation.down(slack)
      let deviation = 1 / information.squareRoot()
      parts.append(
        (
          try PrivacyEvent.gaussian(
            request.isPessimistic ? deviation.down(2) : deviation.up(2), rate: 1, request), 1
        ))
    }
    return parts.isEmpty ? nil : ComposedLoss(parts)
  }

  /// ln of the mass that may be cut from each release for a question about `delta`.
  func logTail(delta: Double) -> Double {
    // All together 1e-12 of delta.
    log(delta) - 27.7 - log(releases + 1)
  }
}

extension LossMasses {
  /// The same losses on the grid of multiples of `spacing`.
  func regridded(
    spacing: Double, by method: Discretization
  ) throws(AccountingError) -> LossMasses {
    var outcomes: [PairMass] = []
    for (i, mass) in masses.enumerated() where mass > 0 {
      outcomes.append(PairMass(p: mass, q: mass * exp(-loss(i))))
    }
    var atoms = LossAtoms(outcomes: outcomes, massError: massError + 4 * unitRoundoff)
    atoms.keepsGrid = true
    var moved = try atoms.masses(spacing: spacing, by: method)
    moved.infinity = infinity
    moved.lossError += lossError
    return moved
  }
}
