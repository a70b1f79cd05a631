internal import Glibc
public import Randomness

/// One change of an image that is linear in its pixels: what augmentation policies are made of.
///
/// Geometry is bilinear with zeros outside; contrast turns around the image's mean and is not cut
/// to a valid range. Written `rotate 20`, `translate-x 0.15`, `contrast 1.5`, `flip 1`.
///
/// Source: Cubuk et al., AutoAugment, CVPR 2019, table 6, of which these are the linear ones.
public struct ImageTransformation: Sendable, Hashable, CustomStringConvertible {
  /// What changes.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// To the right, by a share of the width.
    case translateX = "translate-x"
    /// Down, by a share of the height.
    case translateY = "translate-y"
    /// Around the centre, counter-clockwise, in degrees.
    case rotate
    /// Sideways, by a share of the distance from the middle row.
    case shearX = "shear-x"
    /// Down, by a share of the distance from the middle column.
    case shearY = "shear-y"
    /// Left and right change places, whatever the amount.
    case flip
    /// Distances from the mean become so many times as large.
    case contrast
  }

  /// What changes.
  public let kind: Kind
  /// By how much.
  public let amount: Double

  /// A change by an amount.
  ///
  /// - Throws: `InversionError` if the amount is not a finite number, or a contrast not above 0.
  public init(_ kind: Kind, _ amount: Double) throws(InversionError) {
    guard amount.isFinite, kind != .contrast || amount > 0 else {
      throw .invalid(
        what: "the amount of \(kind.rawValue)", got: "\(amount)",
        requirement: kind == .contrast ? "must be above 0" : "must be a finite number")
    }
    self.kind = kind
    self.amount = amount
  }

  /// A change as it is written: its name and its amount.
  ///
  /// - Throws: `InversionError` naming what can be written.
  public init(_ text: String) throws(InversionError) {
    let words = text.split(separator: " ")
    guard words.count == 2, let kind = Kind(rawValue: String(words[0])),
      let amount = Double(words[1])
    else {
      throw .invalid(
        what: "the transformation", got: "'\(text)'",
        requirement: "must be a number behind one of "
          + Kind.allCases.map(\.rawValue).joined(separator: ", "))
    }
    try self.init(kind, amount)
  }

  /// As it is written.
  public var description: String { "\(kind.rawValue) \(amount)" }

  /// The same in the other direction: another sign, a contrast's inverse.
  public var reversed: ImageTransformation {
    get throws(InversionError) {
      try ImageTransformation(kind, kind == .contrast ? 1 / amount : -amount)
    }
  }

  /// Whether the amount's sign is a direction, which policies draw.
  public var isSigned: Bool { kind != .contrast && kind != .flip }

  /// These changes, the sign of each that has one drawn.
  public static func drawingSigns(
    of policy: [ImageTransformation], using generator: inout Generator
  ) throws(InversionError) -> [ImageTransformation] {
    var drawn: [ImageTransformation] = []
    for change in policy {
      drawn.append(
        change.isSigned && generator.bernoulli(0.5) ? try change.reversed : change)
    }
    return drawn
  }

  /// Where in the source the pixel `(x, y)`, from the centre, comes from; nil for what is not
  /// geometry.
  fileprivate func source(_ x: Double, _ y: Double, _ shape: ImageShape) -> (Double, Double)? {
    switch kind {
    case .translateX: return (x - amount * Double(shape.width), y)
    case .translateY: return (x, y - amount * Double(shape.height))
    case .rotate:
      let angle = amount * Double.pi / 180
      return (x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle))
    case .shearX: return (x - amount * y, y)
    case .shearY: return (x, y - amount * x)
    case .flip: return (-x, y)
    case .contrast: return nil
    }
  }
}

/// Transformations, one after another, as a linear map on images of a shape with its adjoint.
public struct ImageMap: Sendable {
  private enum Step: Sendable {
    /// Four source pixels of each pixel, with weights.
    case gather(places: [Int32], weights: [Double])
    case contrast(Double)
  }

  private let shape: ImageShape
  private let steps: [Step]

  /// The map of these transformations, first to last.
  public init(_ transformations: [ImageTransformation], shape: ImageShape) {
    self.shape = shape
    steps = transformations.map { transformation in
      if transformation.kind == .contrast { return .contrast(transformation.amount) }
      return Self.gather(transformation, shape)
    }
  }

  private static func gather(_ transformation: ImageTransformation, _ shape: ImageShape) -> Step {
    var places: [Int32] = []
    var weights: [Double] = []
    let (centreX, centreY) = (Double(shape.width - 1) / 2, Double(shape.height - 1) / 2)
    for row in 0..<shape.height {
      for column in 0..<shape.width {
        let (x, y) = (Double(column) - centreX, Double(row) - centreY)
        let (fromX, fromY) = transformation.source(x, y, shape) ?? (x, y)
        let (left, top) = (floor(fromX + centreX), floor(fromY + centreY))
        let (right, below) = (fromX + centreX - left, fromY + centreY - top)
        for (dx, dy) in [(0.0, 0.0), (1, 0), (0, 1), (1, 1)] {
          let (px, py) = (left + dx, top + dy)
          let isInside =
            px >= 0 && py >= 0 && px < Double(shape.width) && py < Double(shape.height)
          places.append(isInside ? Int32(py) * Int32(shape.width) + Int32(px) : 0)
          weights.append(
            isInside
              ? (dx == 0 ? 1 - right : right) * (dy == 0 ? 1 - below : below) : 0)
        }
      }
    }
    return .gather(places: places, weights: weights)
  }

  /// The image transformed.
  ///
  /// - Precondition: it has as many values as the shape.
  public func apply(_ image: [Float]) -> [Float] {
    precondition(image.count == shape.count, "an image of \(image.count) values")
    var values = image
    for step in steps { run(step, &values, adjoint: false) }
    return values
  }

  /// Transforms `values` in place, or applies the adjoint.
  func apply<S: BinaryFloatingPoint>(_ values: inout [S], adjoint: Bool) {
    for step in adjoint ? steps.reversed() : steps { run(step, &values, adjoint: adjoint) }
  }

  private func run<S: BinaryFloatingPoint>(_ step: Step, _ values: inout [S], adjoint: Bool) {
    switch step {
    case .contrast(let factor):
      let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
      for index in values.indices {
        values[index] = S(factor * Double(values[index]) + (1 - factor) * mean)
      }
    case .gather(let places, let weights):
      var result = [S](repeating: 0, count: values.count)
      for channel in 0..<shape.channels {
        let base = channel * shape.area
        for index in places.indices {
          let (from, to) = (base + Int(places[index]), base + index / 4)
          if adjoint {
            result[from] += S(weights[index]) * values[to]
          } else {
            result[to] += S(weights[index]) * values[from]
          }
        }
      }
      values = result
    }
  }
}
