internal import Glibc
internal import Tensors

/// What all models say about one example, members and non-members apart, ready to leave a target
/// out.
struct ExampleColumn {
  /// The example's position in the table.
  let example: Int
  /// One number for each model.
  let values: [Double]
  /// Whether the model had the example.
  let isMember: [Bool]
  /// Whether the example is to be judged: a score that it cannot have is an error then.
  let isAudited: Bool
  /// For each model as the target, the other model to leave out; -1 for none.
  private let companion: [Int]
  private let inside: Moments
  private let outside: Moments

  init(
    example: Int, values: [Double], isMember: [Bool], isAudited: Bool = true, revealsRows: Bool
  ) {
    self.example = example
    self.values = values
    self.isMember = isMember
    self.isAudited = isAudited
    inside = Moments(zip(values, isMember).lazy.filter(\.1).map(\.0))
    outside = Moments(zip(values, isMember).lazy.filter { !$0.1 }.map(\.0))
    companion =
      revealsRows ? Self.companions(isMember) : [Int](repeating: -1, count: values.count)
  }

  /// For each model, the next one, round the end, of the opposite kind; -1 if there is none.
  static func companions(_ isMember: [Bool]) -> [Int] {
    let count = isMember.count
    var found = [Int](repeating: -1, count: count)
    var (nextIn, nextOut) = (-1, -1)
    // Twice round, backwards: the first round only finds what lies behind the end.
    for step in stride(from: 2 * count - 1, through: 0, by: -1) {
      let model = step % count
      if step < count { found[model] = isMember[model] ? nextOut : nextIn }
      if isMember[model] { nextIn = model } else { nextOut = model }
    }
    return found
  }

  /// Whether `model` is a shadow when `target` is the target.
  func isShadow(_ model: Int, of target: Int) -> Bool {
    model != target && model != companion[target]
  }

  /// The other model that is no shadow of `target`, of the opposite kind; nil for none.
  func companion(of target: Int) -> Int? {
    companion[target] >= 0 ? companion[target] : nil
  }

  /// The shadows' numbers when `target` is the target: members' and others'. O(1), except where a
  /// number far from the rest is taken away.
  func moments(leaving target: Int) -> (inside: Moments, outside: Moments) {
    var (inside, outside) = (self.inside, self.outside)
    remove(target, from: &inside, &outside, target)
    if let other = companion(of: target) { remove(other, from: &inside, &outside, target) }
    return (inside, outside)
  }

  private func remove(
    _ model: Int, from inside: inout Moments, _ outside: inout Moments, _ target: Int
  ) {
    if isMember[model] {
      if !inside.remove(values[model]) { inside = Moments(shadows(of: target, in: true)) }
    } else {
      if !outside.remove(values[model]) { outside = Moments(shadows(of: target, in: false)) }
    }
  }

  /// The numbers of the shadows of `target` that had the example, or had it not.
  func shadows(of target: Int, in isIn: Bool) -> [Double] {
    values.indices.filter { isMember[$0] == isIn && isShadow($0, of: target) }.map { values[$0] }
  }

  /// log of the mean of exp(value) over the shadows that had the example, and those that had not;
  /// nil for none. Needs `weights`, see ``exponentials()``.
  func logMeans(
    leaving target: Int, _ weights: Exponentials
  ) -> (inside: Double?, outside: Double?) {
    (logMean(leaving: target, isIn: true, weights), logMean(leaving: target, isIn: false, weights))
  }

  private func logMean(leaving target: Int, isIn: Bool, _ weights: Exponentials) -> Double? {
    let total = isIn ? weights.inside : weights.outside
    var (left, count) = (total, isIn ? inside.count : outside.count)
    if isMember[target] == isIn {
      left -= weights.values[target]
      count -= 1
    } else if let other = companion(of: target) {
      left -= weights.values[other]
      count -= 1
    }
    guard count > 0 else { return nil }
    if left > 0.01 * total { return weights.shift + log(left / Double(count)) }
    // Nearly all of the sum was taken away: add the rest up for itself.
    let rest = shadows(of: target, in: isIn)
    return Posterior.logSumExp(rest) - log(Double(count))
  }

  /// exp(value) of each model, scaled by the largest, and the sums of both kinds.
  struct Exponentials {
    var values: [Double]
    var shift: Double
    var inside = 0.0
    var outside = 0.0
  }

  func exponentials() -> Exponentials {
    let shift = values.max() ?? 0
    var result = Exponentials(values: values.map { exp($0 - shift) }, shift: shift)
    for (value, isIn) in zip(result.values, isMember) {
      if isIn { result.inside += value } else { result.outside += value }
    }
    return result
  }
}

/// The numbers of both kinds in ascending order, for medians without some of them.
struct SortedSides {
  private let inside: [Double]
  private let outside: [Double]

  init(_ column: ExampleColumn) {
    inside = zip(column.values, column.isMember).filter(\.1).map(\.0).sorted()
    outside = zip(column.values, column.isMember).filter { !$0.1 }.map(\.0).sorted()
  }

  /// The medians over the shadows of `target`; nil of none.
  func medians(
    leaving target: Int, of column: ExampleColumn
  ) -> (inside: Double?, outside: Double?) {
    var (fromInside, fromOutside): (Double?, Double?)
    let other = column.companion(of: target).map { column.values[$0] }
    if column.isMember[target] {
      (fromInside, fromOutside) = (column.values[target], other)
    } else {
      (fromInside, fromOutside) = (other, column.values[target])
    }
    return (Self.median(inside, without: fromInside), Self.median(outside, without: fromOutside))
  }

  static func median(_ sorted: [Double], without removed: Double?) -> Double? {
    let skipped = removed.map { value in Self.position(of: value, in: sorted) } ?? sorted.count
    let count = removed == nil ? sorted.count : sorted.count - 1
    guard count > 0 else { return nil }
    func value(_ rank: Int) -> Double { sorted[rank < skipped ? rank : rank + 1] }
    let (low, high) = (value((count - 1) / 2), value(count / 2))
    return low == high ? low : low + (high - low) / 2
  }

  /// The first position whose number is at least `value`.
  private static func position(of value: Double, in sorted: [Double]) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
