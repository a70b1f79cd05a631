import Glibc

/// Masses below this may have lost digits to the end of the range of numbers.
private let leastKnownMass = 1e-290

extension LossMasses {
  /// A pair on the grid of multiples of `spacing`.
  ///
  /// - Parameter logTail: Cells whose mass under P on either side is below exp of this are cut:
  ///   rounded up to infinity (above) or to the lowest kept loss (below) in a pessimistic
  ///   distribution, dropped in an optimistic one.
  /// - Throws: `AccountingError.numerical` if that takes more than `limit` grid points.
  static func discretize(
    _ pair: some LossPair, spacing: Double, logTail: Double, by method: Discretization,
    limit: Int = 1 << 22
  ) throws(AccountingError) -> LossMasses {
    let grid = try CellGrid(pair, spacing: spacing, logTail: logTail, limit: limit)
    switch method {
    case .connectTheDots: return dots(pair, grid)
    case .touchTheCurve: return tangents(pair, grid)
    case .roundUp: return buckets(pair, grid, up: true)
    case .roundDown: return buckets(pair, grid, up: false)
    case .keepMean: return mesh(pair, grid)
    }
  }

  /// What is common to all methods for one pair and spacing.
  struct CellGrid {
    let spacing: Double
    /// Where cells begin and end; infinite where nothing is cut.
    let low: Double
    let high: Double
    /// Cell i, from `first` to `last`, has losses from i h to (i + 1) h.
    let first: Int
    let last: Int
    let massError: Double
    let lossError: Double

    init(
      _ pair: some LossPair, spacing: Double, logTail: Double, limit: Int
    ) throws(AccountingError) {
      self.spacing = spacing
      (low, high) = pair.support(logTail: logTail)
      let least = low == -.infinity ? pair.losses.low : Self.loss(pair, low)
      let greatest = high == .infinity ? pair.losses.high : Self.loss(pair, high)
      guard greatest - least < spacing * Double(limit),
        max(least.magnitude, greatest.magnitude) < 1e15 * spacing
      else {
        throw .numerical(
          accountant: "pld",
          reason: "losses from \(least) to \(greatest) need more than \(limit) points"
            + " at a grid of \(spacing); a coarser grid would do")
      }
      // One cell of room on either side covers the rounding of these divisions.
      first = Int((least / spacing).rounded(.down)) - (least == pair.losses.low ? 0 : 1)
      last = max(first, Int((greatest / spacing).rounded(.down)) + 1)
      let finite = (
        low: low == -.infinity ? -2 : low, high: high == .infinity ? 2 : high
      )
      (massError, lossError) = pair.errors(low: finite.low, high: finite.high)
    }

    /// The loss at a point, by the pair's own densities (only to choose cells).
    static func loss(_ pair: some LossPair, _ x: Double) -> Double {
      var low = max(pair.losses.low, -1e9)
      var high = min(pair.losses.high, 1e9)
      for _ in 0..<200 where high - low > 1e-12 * (1 + max(high.magnitude, low.magnitude)) {
        let middle = 0.5 * (low + high)
        if pair.point(loss: middle) < x { low = middle } else { high = middle }
      }
      return 0.5 * (low + high)
    }

    /// The end of the cell below `index` h, within the kept range.
    @inline(__always)
    func boundary(_ index: Int, _ pair: some LossPair, offset: Double = 0) -> Double {
      let loss = spacing * Double(index) + offset
      if loss <= pair.losses.low { return low }
      if loss >= pair.losses.high { return high }
      return min(max(pair.point(loss: loss), low), high)
    }
  }

  /// Cells split between their ends.
  ///
  /// A cell of masses p and q with losses within [l, l + h] is split into u at l + h and p - u at l so
  /// that its weight under Q stays q: u = (p - q e^l) / (1 - e^-h).
  private static func dots(_ pair: some LossPair, _ grid: CellGrid) -> LossMasses {
    let count = grid.last - grid.first + 2
    var masses = [Double](repeating: 0, count: count)
    let whole = 1 / -expm1(-grid.spacing)
    var below = grid.low
    // What lies below the kept range is raised to the lowest kept loss.
    if grid.low > -.infinity {
      masses[0] = pair.mass(-.infinity, grid.low).p
    }
    for cell in grid.first...grid.last {
      let above = cell == grid.last ? grid.high : grid.boundary(cell + 1, pair)
      guard above > below else { continue }
      let mass = pair.mass(below, above)
      defer { below = above }
      let loss = grid.spacing * Double(cell)
      // Where Q's mass is below the smallest numbers, or has lost digits, the cell is rounded up whole.
      // Q counts for less by the error of the cell's loss.
      let error = pair.lossError(below, above, mass, (grid.massError, grid.lossError))
      let isKnown = loss < 700 && mass.q > leastKnownMass
      let excess = isKnown ? mass.p - mass.q * (1 - error) * exp(loss) : mass.p
      let up = min(max(excess * whole, 0), mass.p)
      masses[cell - grid.first] += mass.p - up
      masses[cell - grid.first + 1] += up
    }
    var infinity = grid.high < .infinity ? pair.mass(grid.high, .infinity).p : 0
    // Where losses end, what was cut loses no more than the greatest.
    let top = (pair.losses.high.up(2) / grid.spacing).rounded(.up) - Double(grid.first)
    if infinity > 0, top < Double(count + 1 << 12) {
      let place = max(Int(top), count - 1)
      masses += [Double](repeating: 0, count: place + 1 - count)
      masses[place] += infinity
      infinity = 0
    }
    // Splitting and exp(l) round the mass under Q by a few units, which the cell's error covers.
    return LossMasses(
      spacing: grid.spacing, lowest: grid.first, masses: masses,
      infinity: infinity * (1 + grid.massError), massError: grid.massError + 4 * unitRoundoff,
      lossError: 16 * unitRoundoff * min(1, grid.spacing))
  }

  /// Cells (t_i, t_(i+1)] whose masses satisfy p = q e^(i h + offset): each is one outcome of a randomised
  /// coarsening of the pair, so the pair dominates the result whatever the cells are; their ends are
  /// chosen so that nothing is lost to rounding.
  private static func tangents(_ pair: some LossPair, _ grid: CellGrid) -> LossMasses {
    var masses = [Double](repeating: 0, count: grid.last - grid.first + 2)
    let step = grid.spacing
    // No corner at 0: all outcomes together have that loss, so its cell could end nowhere. One corner
    // well between it and the least loss, next to which most of the mass may lie. Atoms at the ends are
    // where the grid was chosen to be.
    let lowest = pair.losses.low
    let offset =
      grid.low == -.infinity ? 0 : lowest > -0.75 * step ? 0.5 * lowest : 0.5 * step
    // Losses short of the grid point by this much are counted as on it, and charged.
    let tolerance = max(1e-7 * step, 4 * grid.massError)
    /// Counts a cell at the greatest grid point that its own loss reaches.
    func count(_ a: Double, _ b: Double, mass: PairMass? = nil, atLeast fallback: Double) {
      let mass = mass ?? pair.mass(a, b)
      guard mass.p > 0 else { return }
      let error = pair.lossError(a, b, mass, (grid.massError, grid.lossError))
      let reached =
        mass.q > leastKnownMass ? log(mass.p) - log(mass.q) - error : fallback
      guard reached > -.infinity else { return }
      let place = Int(((reached + tolerance - offset) / step).rounded(.down)) - grid.first
      if place >= 0 { masses[min(place, masses.count - 1)] += mass.p }
    }
    var below = grid.low
    if below == -.infinity {
      // A constant loss at the low end is an atom: a cell by itself, not merged upwards.
      var index = grid.first + 1
      while grid.boundary(index, pair, offset: offset) == -.infinity { index += 1 }
      below = grid.boundary(index, pair, offset: offset)
      count(-.infinity, below, atLeast: -.infinity)
    }
    for index in grid.first...(grid.last + 1) where below < grid.high {
      let loss = step * Double(index) + offset
      let middle = grid.boundary(index, pair, offset: offset)
      guard middle > below else { continue }
      guard loss < 700 else {
        // Q's mass is below the smallest numbers: round down, by one point more for what is left of
        // the cell before.
        let above = grid.boundary(index + 1, pair, offset: offset)
        if above > below { count(below, above, atLeast: loss - step) }
        below = max(above, below)
        continue
      }
      let weight = exp(loss)
      // Mirror image of the lower end as a first guess, then Newton on p - q e^l = 0.
      var reach = 2
      var farthest = grid.boundary(index + reach, pair, offset: offset)
      guard farthest < .infinity else {
        // A constant loss at the high end is an atom too: what is left before it is rounded down.
        let atom = pair.point(loss: pair.losses.high.down(8))
        if atom > below { count(below, atom, atLeast: loss - step) }
        count(max(atom, below), .infinity, atLeast: loss - step)
        below = .infinity
        continue
      }
      var above = min(2 * middle - below, farthest)
      var mass = pair.mass(below, above)
      // The root lies between `least`, where p < q e^l, and `most`, where p > q e^l once that was seen.
      var least = middle
      var most = farthest
      var isBracketed = false
      for _ in 0..<60 {
        // ln(p / q) - l, near 0 without the logarithm.
        let ratio = mass.p / (weight * mass.q) - 1
        let off = ratio.magnitude < 1e-4 ? ratio * (1 - 0.5 * ratio) : log1p(ratio)
        if off >= -0.5 * tolerance, off <= tolerance || !(mass.q > leastKnownMass) { break }
        if off > 0 {
          most = above
          isBracketed = true
        } else {
          least = above
        }
        if off < 0, above == farthest {
          // The density falls so fast that the cell needs more.
          reach *= 2
          let next = grid.boundary(index + reach, pair, offset: offset)
          guard next > farthest, next < .infinity else { break }
          farthest = next
          most = next
        }
        let density = pair.density(above)
        let next = above - (mass.p - weight * mass.q) / (density.p - weight * density.q)
        above =
          if next > least, next < most {
            next
          } else {
            isBracketed ? 0.5 * (least + most) : most
          }
        guard above > least, above < most || !isBracketed else { break }
        mass = pair.mass(below, above)
      }
      // A cell that fell short is counted one point lower.
      count(below, above, mass: mass, atLeast: loss - step)
      below = above
    }
    if grid.high < .infinity {
      // The rest is one outcome more.
      count(max(below, grid.low), .infinity, atLeast: step * Double(grid.last - 2))
    }
    return LossMasses(
      spacing: step, offset: offset, lowest: grid.first, masses: masses, infinity: 0,
      massError: grid.massError + 4 * unitRoundoff,
      lossError: tolerance + 16 * unitRoundoff)
  }

  /// Cells centred on grid points, all moved by what rounding changed the mean.
  ///
  /// A cell's mean loss is ln(p / q) plus half its variance, between 0 and h^2 / 8 (Hoeffding's
  /// lemma); a middle value is taken and the difference charged as an error of the loss. Tails beyond
  /// the kept range are an infinite loss above and the lowest kept loss below.
  private static func mesh(_ pair: some LossPair, _ grid: CellGrid) -> LossMasses {
    var masses = [Double](repeating: 0, count: grid.last - grid.first + 3)
    let step = grid.spacing
    func end(_ index: Int) -> Double {
      let loss = step * (Double(index) + 0.5)
      if loss <= pair.losses.low { return grid.low }
      if loss >= pair.losses.high { return grid.high }
      return min(max(pair.point(loss: loss), grid.low), grid.high)
    }
    if grid.low > -.infinity { masses[0] = pair.mass(-.infinity, grid.low).p }
    var below = grid.low
    var moved = 0.0
    var total = 0.0
    for index in grid.first...(grid.last + 1) {
      let above = index == grid.last + 1 ? grid.high : end(index)
      guard above > below else { continue }
      let mass = pair.mass(below, above)
      below = above
      masses[index - grid.first] += mass.p
      guard mass.p > 0, mass.q > 0 else { continue }
      let centre = log(mass.p / mass.q) - step * Double(index)
      moved += mass.p * min(max(centre, -step), step)
      total += mass.p
    }
    let variance = step * step / 16
    return LossMasses(
      spacing: step, offset: total > 0 ? moved / total + variance : 0, lowest: grid.first,
      masses: masses,
      infinity: grid.high < .infinity
        ? pair.mass(grid.high, .infinity).p * (1 + grid.massError) : 0,
      massError: grid.massError + 4 * unitRoundoff,
      lossError: variance + 2 * grid.massError + grid.lossError + 16 * unitRoundoff)
  }

  /// Cells rounded to one end.
  private static func buckets(
    _ pair: some LossPair, _ grid: CellGrid, up: Bool
  ) -> LossMasses {
    let count = grid.last - grid.first + 2
    var masses = [Double](repeating: 0, count: count)
    var below = grid.low
    if up, grid.low > -.infinity { masses[0] = pair.mass(-.infinity, grid.low).p }
    for cell in grid.first...grid.last {
      let above = cell == grid.last ? grid.high : grid.boundary(cell + 1, pair)
      guard above > below else { continue }
      masses[cell - grid.first + (up ? 1 : 0)] += pair.mass(below, above).p
      below = above
    }
    var infinity = 0.0
    if grid.high < .infinity {
      let rest = pair.mass(grid.high, .infinity).p
      if up { infinity = rest * (1 + grid.massError) } else { masses[count - 2] += rest }
    }
    return LossMasses(
      spacing: grid.spacing, lowest: grid.first, masses: masses, infinity: infinity,
      massError: grid.massError + 4 * unitRoundoff,
      lossError: grid.lossError + 8 * unitRoundoff)
  }
}
