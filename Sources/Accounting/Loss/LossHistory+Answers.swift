import Glibc

extension LossHistory {
  /// epsilon at `delta`, over both sides.
  func epsilon(delta: Double, gridSpacing: Double?) throws(AccountingError) -> PrivacyBound {
    // Whoever is never drawn loses nothing.
    if drawn.up(8) <= delta { return PrivacyBound(lower: 0, upper: 0) }
    guard let first = sides.first else { return PrivacyBound(lower: 0, upper: 0) }
    let finest = try spacing(gridSpacing, .delta(delta), side: first)
    var request = LossRequest(
      side: first, spacing: finest, logTail: logTail(delta: delta), method: .connectTheDots)
    let (start, theta, cells) = try upperEpsilon(request, delta: delta)
    var upper = start
    for side in sides.dropFirst() {
      // The other side decides only if it is the worse one, which a coarse grid mostly tells.
      request.side = side
      request.spacing = 8 * finest
      if let coarse = try? upperEpsilon(request, delta: delta), coarse.epsilon <= upper { continue }
      request.spacing = try spacing(gridSpacing, .delta(delta), side: side)
      upper = max(upper, try upperEpsilon(request, delta: delta).epsilon)
    }
    // One side's lower end is one of the whole. Half as fine a grid is mostly near enough; where most
    // losses are smaller than that, a finer one is.
    request.side = first
    request.method = .touchTheCurve
    var lower = 0.0
    for factor in [2.0, 0.5, 0.125] where upper < .infinity {
      request.spacing = factor * finest
      if factor < 1, cells > 1 << 19 { break }
      guard let touching = try? composed(request) else { break }
      let tilt = theta == 0 ? touching.tilt(delta: delta) : theta
      if let found = try? LossCurve.lower(touching, theta: tilt, delta: delta) {
        lower = max(lower, found)
      }
      // A grid that was asked for is taken at its word unless that costs more than 1%.
      if upper - lower <= (gridSpacing == nil ? 2e-3 : 1e-2) * upper { break }
    }
    return PrivacyBound(lower: upper < .infinity ? min(lower, upper) : 0, upper: upper)
  }

  /// epsilon at `delta` seen from one side, from above, the tilt that found it, and how many cells that
  /// took.
  private func upperEpsilon(
    _ request: LossRequest, delta: Double
  ) throws(AccountingError) -> (epsilon: Double, theta: Double, cells: Int) {
    guard let losses = try composed(request) else { return (0, 0, 0) }
    var theta = losses.tilt(delta: delta)
    var (curve, found) = try LossCurve.upper(losses, theta: theta, delta: delta)
    // Where the tail is heavier than a normal's, the tilt at the answer itself may leave less to charge.
    for _ in 0..<2 where found > 0 && found < .infinity && curve.charge(epsilon: found) > 1e-8 {
      let other = losses.tilt(epsilon: found)
      let (tried, again) = try LossCurve.upper(losses, theta: other, delta: delta)
      guard again < found else { break }
      (theta, curve, found) = (other, tried, again)
    }
    guard found < .infinity || losses.infinity.up(4) >= delta else {
      throw .numerical(
        accountant: "pld",
        reason: "the rounding of all releases together, up to \(losses.lossSlack) in epsilon, hides"
          + " the answer")
    }
    let cells = losses.parts.map { $0.masses.masses.count }.max() ?? 0
    return (found, theta, max(cells, curve.count))
  }

  /// delta at `epsilon`, over both sides.
  ///
  /// The lower end is that of the first side alone.
  func delta(
    epsilon: Double, gridSpacing: Double?, on some: [LossSide]? = nil
  ) throws(AccountingError) -> PrivacyBound {
    var upper = 0.0
    var lower = 0.0
    let sides = some ?? sides
    for side in sides {
      // What may be cut and neglected depends on the answer: begin with a guess and ask again.
      var logDelta = log(1e-10)
      for attempt in 0..<8 {
        let question = Question.epsilon(epsilon, logDelta: min(logDelta, log(1e-20)))
        let spacing = try spacing(gridSpacing, question, side: side)
        var request = LossRequest(
          side: side, spacing: spacing, logTail: logTail(delta: exp(logDelta)),
          method: .connectTheDots)
        guard let losses = try composed(request) else { break }
        let theta = losses.tilt(epsilon: epsilon)
        let isBeyond = epsilon >= losses.greatest
        let found =
          isBeyond
          ? losses.infinity > 0 ? min(1, losses.infinity.up(4)) : 0
          : try LossCurve(losses, theta: theta, logDelta: logDelta).upper(epsilon: epsilon)
        let level = log(max(found, 1e-300))
        if found > 0, level < logDelta - 1, logDelta > log(1e-290), attempt < 7 {
          // What was cut may hide the answer: look deeper by more each time.
          logDelta = max(log(1e-290), logDelta + (level - logDelta) * Double(1 << attempt))
          continue
        }
        upper = max(upper, found)
        guard side == sides.first, !isBeyond else { break }
        request.method = .touchTheCurve
        guard let touching = try composed(request) else { break }
        let least = try LossCurve(touching, theta: theta, logDelta: logDelta)
          .lower(epsilon: epsilon)
        lower = max(lower, least)
        break
      }
    }
    return PrivacyBound(lower: min(lower, upper), upper: upper)
  }

  /// The whole curve of each side, from above and, of the first side, from below.
  func curves(
    gridSpacing: Double?
  ) throws(AccountingError) -> [(above: LossCurve, below: LossCurve?)] {
    // Anything deltas down to 1e-12 depend on.
    let level = 1e-14
    var curves: [(above: LossCurve, below: LossCurve?)] = []
    for side in sides {
      var request = LossRequest(
        side: side, spacing: try spacing(gridSpacing, .delta(1e-6), side: side),
        logTail: logTail(delta: level), method: .connectTheDots)
      guard let losses = try composed(request) else { continue }
      let above = try LossCurve(losses, theta: 0, logDelta: log(level), isWide: true)
      request.method = .touchTheCurve
      var below: LossCurve?
      if side == sides.first, let touching = try composed(request) {
        below = try LossCurve(touching, theta: 0, logDelta: log(level), isWide: true)
      }
      curves.append((above, below))
    }
    return curves
  }

  private func spacing(
    _ given: Double?, _ question: Question, side: LossSide
  ) throws(AccountingError) -> Double {
    if let given { return given }
    return try chooseSpacing(question, side: side)
  }

  /// What is asked.
  enum Question {
    case delta(Double)
    case epsilon(Double, logDelta: Double)
  }

  /// A grid on which the discretisation costs about 2e-5 of the answer, but no release more than 2^19
  /// cells, nor their composition.
  ///
  /// Splitting a cell between its ends adds a variance of h^2 / 6 to each release's loss, which moves
  /// epsilon by about h^2 / 12 (theta + 1) a release, theta the tilt; and the cells must tell the
  /// (tilted) losses of one release apart.
  func chooseSpacing(_ question: Question, side: LossSide) throws(AccountingError) -> Double {
    let tail: Double =
      switch question {
      case .delta(let delta): logTail(delta: delta)
      case .epsilon(_, let logDelta): logTail(delta: exp(logDelta))
      }
    let releases = events.reduce(1.0) { $0 + Double($1.count) }
    var spacing = 1e-3
    for _ in 0..<40 {
      var request = LossRequest(
        side: side, spacing: spacing, logTail: tail, method: .connectTheDots)
      request.limit = 1 << 14
      let look: ComposedLoss?
      do {
        look = try composed(request)
      } catch {
        guard case .numerical = error, spacing < 1e12 else { throw error }
        spacing *= 16
        continue
      }
      guard let look else { return spacing }
      if case .epsilon(let epsilon, _) = question, epsilon >= look.greatest { return look.spacing }
      let theta: Double =
        switch question {
        case .delta(let delta): look.tilt(delta: delta)
        case .epsilon(let epsilon, _): look.tilt(epsilon: epsilon)
        }
      let moment = look.logMoment(theta)
      let scale = max(moment.mean, look.logMoment(0).variance.squareRoot())
      // An atom has no spread: some digits of where it lies.
      let least = max(1e-18, 1e-7 * moment.mean.magnitude / releases)
      let wanted = max(
        least,
        min(
          (12 * 2e-5 * scale / (releases * (theta + 1))).squareRoot(),
          (moment.variance / releases).squareRoot() / 40))
      let cells = look.parts.map { $0.masses.masses.count }.max() ?? 1
      let spread = moment.variance.squareRoot()
      let finest = max(
        look.spacing * Double(cells) / Double(1 << 19), 16 * spread / Double(1 << 19))
      let next = max(wanted, finest)
      // Where the look was coarse, it saw a greater spread than there is: look again.
      if next > 0.2 * spacing { return min(next, spacing * 4) }
      spacing = max(next, spacing * Double(cells) / Double(1 << 13))
      if spacing > 0.9 * look.spacing { return next }
    }
    return spacing
  }
}
