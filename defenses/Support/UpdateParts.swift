internal import Federation
internal import Learning
internal import Tensors

/// The stretches of an update that training moves: its tensors, or whole layers.
struct UpdateParts {
  /// Weights, biases, scales and shifts, one stretch each; running statistics and counters are left
  /// out. Without a table, all of it.
  static func tensors(_ segments: [Segment], count: Int) -> [Range<Int>] {
    guard !segments.isEmpty else { return count > 0 ? [0..<count] : [] }
    return segments.filter { $0.kind != .statistics && $0.kind != .counter && !$0.range.isEmpty }
      .map(\.range)
  }

  /// The layers that tensors belong to, first to last, each with all its tensors: `fc1.weight` and
  /// `fc1.bias` are one.
  static func layers(_ segments: [Segment], count: Int) -> [[Range<Int>]] {
    guard !segments.isEmpty else { return count > 0 ? [[0..<count]] : [] }
    var layers: [(name: Substring, ranges: [Range<Int>])] = []
    for segment in segments {
      let name = segment.name.prefix { $0 != "." }
      if layers.last?.name != name { layers.append((name, [])) }
      guard segment.kind != .statistics, segment.kind != .counter, !segment.range.isEmpty else {
        continue
      }
      layers[layers.count - 1].ranges.append(segment.range)
    }
    return layers.map(\.ranges).filter { !$0.isEmpty }
  }

  /// The Euclidean norm of some stretches together.
  static func norm(_ values: [Float], _ ranges: [Range<Int>]) -> Double {
    var sum = 0.0
    for range in ranges {
      for index in range { sum += Double(values[index]) * Double(values[index]) }
    }
    return sum.squareRoot()
  }
}

extension Update.Support {
  /// The coordinates sent, ascending.
  func indices(dimension: Int) -> [Int32] {
    switch self {
    case .all: (0..<Int32(dimension)).map { $0 }
    case .ranges(let ranges): ranges.flatMap { $0.map { Int32($0) } }
    case .coordinates(let kept): kept
    }
  }

  /// What is left of these coordinates where only some stretches, ascending and disjoint, are sent.
  func restricted(to kept: [Range<Int>]) -> Update.Support {
    switch self {
    case .all: return .ranges(kept)
    case .ranges(let own):
      return .ranges(
        own.flatMap { range in
          kept.compactMap { other in
            let common = range.clamped(to: other)
            return common.isEmpty ? nil : common
          }
        })
    case .coordinates(let own):
      return .coordinates(own.filter { index in kept.contains { $0.contains(Int(index)) } })
    }
  }
}
