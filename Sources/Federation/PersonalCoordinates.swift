internal import Tensors

/// The coordinates of a model that its clients keep to themselves.
struct PersonalCoordinates: Sendable {
  /// What is kept, ascending and disjoint.
  let ranges: [Range<Int>]
  /// The rest.
  let shared: [Range<Int>]

  /// The coordinates in `ranges`, which may overlap, of a model of `dimension` parameters.
  init(_ ranges: [Range<Int>], dimension: Int) {
    var kept: [Range<Int>] = []
    var shared: [Range<Int>] = []
    var end = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = kept.last, range.lowerBound <= last.upperBound {
        kept[kept.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        if end < range.lowerBound { shared.append(end..<range.lowerBound) }
        kept.append(range)
      }
      end = kept.last?.upperBound ?? end
    }
    if end < dimension { shared.append(end..<dimension) }
    self.ranges = kept
    self.shared = shared
  }

  /// Whether everything is shared.
  var isEmpty: Bool { ranges.isEmpty }

  /// What an update of all shared coordinates carries.
  var support: Update.Support { isEmpty ? .all : .ranges(shared) }

  /// The kept values of a model, in order.
  func values(of model: Vector) -> [Float] {
    isEmpty ? [] : model.withSpan { span in ranges.flatMap { range in range.map { span[$0] } } }
  }

  /// Puts kept values back into a model.
  func restore(_ values: [Float], in model: inout Vector) {
    if isEmpty { return }
    model.withMutableSpan { span in
      var next = 0
      for range in ranges {
        for index in range {
          span[index] = values[next]
          next += 1
        }
      }
    }
  }

  /// Empties an update of what is not to be sent.
  func clear(_ update: inout Vector) {
    if isEmpty { return }
    update.withMutableSpan { span in
      for range in ranges {
        for index in range { span[index] = 0 }
      }
    }
  }
}
