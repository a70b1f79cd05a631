/// What the numbers of a segment are.
public enum SegmentKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// Multiplies activations: a dense or convolution weight, an embedding table.
  case weight
  /// Added to activations.
  case bias
  /// Scale of a normalisation layer.
  case normScale
  /// Shift of a normalisation layer.
  case normShift
  /// Running mean or variance of a normalisation layer: estimated, not trained.
  case statistics
  /// Number of batches seen: counted, not trained.
  case counter
}

/// Which part of a model a segment belongs to; personalised methods share some parts only.
public enum SegmentRole: String, Sendable, Hashable, Codable, CaseIterable {
  /// The shared feature extractor: every layer but the last.
  case base
  /// The classifier: the last layer with parameters.
  case head
  /// Kept by its client.
  case personal
  /// A small addition trained in place of the rest.
  case adapter
}

/// A named stretch of the flat parameter vector that holds one tensor.
public struct Segment: Sendable, Hashable {
  /// Layer kind and order, then the tensor: `fc1.weight`.
  public let name: String
  /// Where its values lie in the parameter vector.
  public let range: Range<Int>
  /// The tensor's shape, row-major, in PyTorch's layout: `[outputs, inputs]` for a dense weight.
  public let shape: [Int]
  /// What the numbers are.
  public let kind: SegmentKind
  /// Which part of the model they belong to.
  public let role: SegmentRole

  /// A tensor of `shape` at `offset`; its length is the product of the shape.
  public init(name: String, offset: Int, shape: [Int], kind: SegmentKind, role: SegmentRole) {
    self.name = name
    self.range = offset..<(offset + shape.reduce(1, *))
    self.shape = shape
    self.kind = kind
    self.role = role
  }
}

/// The segment table of a flat parameter vector: disjoint segments that cover it, in order.
public struct ParameterLayout: Sendable, Hashable {
  /// The segments in the order they lie in the vector.
  public let segments: [Segment]

  /// A table of consecutive segments, the first at 0.
  ///
  /// - Precondition: each segment starts where the one before ends, and names are distinct.
  public init(_ segments: [Segment]) {
    var end = 0
    for segment in segments {
      precondition(segment.range.lowerBound == end, "segment \(segment.name) leaves a gap")
      end = segment.range.upperBound
    }
    precondition(Set(segments.map(\.name)).count == segments.count, "segment names repeat")
    self.segments = segments
  }

  /// Length of the parameter vector.
  public var count: Int { segments.last?.range.upperBound ?? 0 }

  /// The segment with this name, if there is one.
  public func segment(named name: String) -> Segment? { segments.first { $0.name == name } }

  /// The segments of one role, in order.
  public func segments(of role: SegmentRole) -> [Segment] { segments.filter { $0.role == role } }
}
