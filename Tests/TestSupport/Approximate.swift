/// The distance of `value` from `reference`, relative to the larger magnitude; 0 when both are equal.
public func relativeError(_ value: Double, _ reference: Double) -> Double {
  if value == reference { return 0 }
  let scale = max(abs(value), abs(reference))
  return scale.isFinite ? abs(value - reference) / scale : .infinity
}

/// Whether `value` lies within `tolerance` of `reference`, relative to the larger of 1 and the
/// reference's magnitude. Never true for NaN.
public func isClose(_ value: Double, _ reference: Double, tolerance: Double) -> Bool {
  abs(value - reference) <= tolerance * max(1, abs(reference)) || value == reference
}

/// The largest absolute difference between two sequences of one length; infinite if any entry is
/// NaN or the lengths differ.
public func largestDifference(
  _ a: some Collection<Double>, _ b: some Collection<Double>
) -> Double {
  guard a.count == b.count else { return .infinity }
  var largest = 0.0
  for (x, y) in zip(a, b) {
    let difference = x == y ? 0 : abs(x - y)
    guard !difference.isNaN else { return .infinity }
    largest = max(largest, difference)
  }
  return largest
}
