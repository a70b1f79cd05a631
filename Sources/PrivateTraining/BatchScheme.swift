internal import Accounting
internal import NoiseSamplers

/// How each step's batch is drawn, and with that what the step is worth in privacy.
public enum BatchScheme: Sendable, Hashable {
  /// Each example by a coin of its own: batches vary in size and may be empty. What amplification
  /// is proven for; relation add-remove.
  case poisson
  /// As `poisson`, but of more than `cap` drawn examples a random `cap` are kept: memory is
  /// bounded, at a small price in epsilon.
  case truncated(cap: Int)
  /// A fresh order for each pass, cut into batches of exactly the batch size; the rest of a pass is
  /// left out. No amplification within a pass; relation zero-out.
  case shuffled
  /// Examples are dealt into `groups` groups by their number, once and for all; each step draws from
  /// the next group, an example by a coin of its own, so that it can be in one step of each cycle
  /// only. Amplification is by the coin alone, whose rate is `groups` times as large as Poisson
  /// sampling's; a cycle of `groups` steps is charged as one. Relation add-remove.
  case cyclic(groups: Int)

  /// The name in files and on the command line.
  public var name: String {
    switch self {
    case .poisson: "poisson"
    case .truncated: "truncated"
    case .shuffled: "shuffled"
    case .cyclic: "cyclic"
    }
  }

  /// Steps of which an example can be in one only, so that one charge covers them.
  var cycle: Int {
    if case .cyclic(let groups) = self { groups } else { 1 }
  }

  /// Charges that `steps` steps come to: the most steps that one example can be in.
  func charges(steps: Int) -> Int { (steps + cycle - 1) / cycle }

  /// The neighbours that the scheme's guarantee is about.
  var adjacency: Adjacency {
    switch self {
    case .poisson, .truncated, .cyclic: .addRemove
    case .shuffled: .zeroOut
    }
  }

  /// The accountant's word for it, for batches of `size` out of `population`.
  func sampling(size: Int, population: Int) -> Sampling {
    let rate = Double(size) / Double(population)
    switch self {
    case .poisson: return .poisson(rate: rate)
    case .truncated(let cap): return .truncatedPoisson(rate: rate, cap: cap, population: population)
    case .shuffled: return .shuffledBatches(size: size, population: population)
    case .cyclic(let groups): return .poisson(rate: Double(groups) * rate)
    }
  }
}

/// Draws batches: positions out of `0..<population`.
struct BatchSampler {
  let scheme: BatchScheme
  let size: Int
  let population: Int
  /// The order of the pass that is going on, for `shuffled`.
  private var order: [Int] = []
  private var pass = -1

  init(_ scheme: BatchScheme, size: Int, population: Int) {
    self.scheme = scheme
    self.size = size
    self.population = population
  }

  /// Whole batches in a pass.
  private var batchesPerPass: Int { max(population / size, 1) }

  /// The batch of step `step`, from 0.
  ///
  /// - Parameters:
  ///   - coins: What the step's own draws are made from.
  ///   - ordering: What the order of a pass is made from; asked once a pass, for its number.
  mutating func draw(
    step: Int, coins: inout RandomReader,
    ordering: (Int) throws(NoiseError) -> [Int]
  ) throws(NoiseError) -> [Int] {
    switch scheme {
    case .poisson: return try coin(&coins)
    case .cyclic(let groups): return try coin(&coins, group: step % groups, of: groups)
    case .truncated(let cap):
      var drawn = try coin(&coins)
      guard drawn.count > cap else { return drawn }
      for place in 0..<cap {
        let other = place + Int(try coins.uniform(below: UInt64(drawn.count - place)))
        drawn.swapAt(place, other)
      }
      return Array(drawn[..<cap])
    case .shuffled:
      let pass = step / batchesPerPass
      if pass != self.pass {
        order = try ordering(pass)
        self.pass = pass
      }
      let start = step % batchesPerPass * size
      return Array(order[start..<start + size])
    }
  }

  /// One coin for each example of a group, whose probability is the rate rounded down to a multiple of
  /// 2^-64.
  private func coin(
    _ coins: inout RandomReader, group: Int = 0, of groups: Int = 1
  ) throws(NoiseError) -> [Int] {
    let members = stride(from: group, to: population, by: groups)
    guard groups * size < population else { return Array(members) }
    let rate = Double(groups) * Double(size) / Double(population)
    let threshold = UInt64(rate.nextDown * 0x1p64)
    var drawn: [Int] = []
    for index in members where try coins.next() < threshold { drawn.append(index) }
    return drawn
  }
}
