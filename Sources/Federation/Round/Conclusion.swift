internal import Components

/// What an observer's guesses were worth, judged against the truth.
///
///     var conclusion = Conclusion(figures: ["median PSNR": 31.2])
///     conclusion.curves["ROC"] = .init(x: falsePositives, y: truePositives)
///     conclusion.tensors["reconstructions"] = .init(shape: [4, 1, 8, 8], values: pixels, kind: .images)
///
/// Results keep figures, curves and remarks beside a run's other figures, and tensors as artefacts of
/// the run.
public struct Conclusion: Codable, Sendable, Hashable {
  /// Numbers by name; finite.
  public var figures: [String: Double]
  /// Curves by name.
  public var curves: [String: Curve]
  /// Images and other tensors by name.
  public var tensors: [String: Tensor]
  /// What a reader should know: why an attack failed, what it could not use.
  public var remarks: [String]
  /// Whether the defense was met by somebody who knows it; nil where nothing defends.
  public var adaptivity: Adaptivity?

  /// A conclusion; what is left out is empty.
  public init(
    figures: [String: Double] = [:], curves: [String: Curve] = [:],
    tensors: [String: Tensor] = [:], remarks: [String] = [], adaptivity: Adaptivity? = nil
  ) {
    self.figures = figures
    self.curves = curves
    self.tensors = tensors
    self.remarks = remarks
    self.adaptivity = adaptivity
  }

  /// Whether an attack was run by somebody who knows the defense, beside the one that does not.
  ///
  /// A figure under a defense that nobody attacked knowingly is no evidence of protection.
  public struct Adaptivity: Codable, Sendable, Hashable {
    /// Whether an adaptive attack was run; otherwise figures are non-adaptive only.
    public var wasRun: Bool
    /// What of the defenses it made no use of, each with the reason.
    public var gaps: [String]

    /// An adaptive attack, or none.
    public init(wasRun: Bool, gaps: [String] = []) {
      self.wasRun = wasRun
      self.gaps = gaps
    }

    /// Of both together: run if either was, with the gaps of both.
    public func merged(with other: Adaptivity) -> Adaptivity {
      Adaptivity(
        wasRun: wasRun || other.wasRun, gaps: gaps + other.gaps.filter { !gaps.contains($0) })
    }
  }

  /// Points in their order; finite.
  public struct Curve: Codable, Sendable, Hashable {
    /// What the horizontal axis is, with unit.
    public var xLabel: String
    /// What the vertical axis is, with unit.
    public var yLabel: String
    /// Horizontal positions.
    public var x: [Double]
    /// Vertical positions.
    public var y: [Double]

    /// A curve.
    ///
    /// - Precondition: As many `x` as `y`.
    public init(x: [Double], y: [Double], xLabel: String = "", yLabel: String = "") {
      precondition(x.count == y.count, "a curve has as many x as y")
      (self.x, self.y, self.xLabel, self.yLabel) = (x, y, xLabel, yLabel)
    }
  }

  /// Numbers in the shape of a tensor, row-major.
  public struct Tensor: Codable, Sendable, Hashable {
    /// How to show it.
    public enum Kind: String, Codable, Sendable, Hashable {
      /// Pixels from 0 to 1: number of images, channels (1 or 3), height, width.
      case images
      /// Nothing to look at.
      case numbers
    }

    /// The sizes.
    public var shape: [Int]
    /// As many values as the sizes' product.
    public var values: [Float]
    /// How to show it.
    public var kind: Kind
    /// What to write below each image, or nothing.
    public var captions: [String]

    /// A tensor.
    ///
    /// - Precondition: Shape and values fit; images have four sizes and 1 or 3 channels; captions are
    ///   none or one an image.
    public init(
      shape: [Int], values: [Float], kind: Kind = .numbers, captions: [String] = []
    ) {
      precondition(shape.reduce(1, *) == values.count, "as many values as the sizes say")
      precondition(
        kind == .numbers || (shape.count == 4 && (shape[1] == 1 || shape[1] == 3)),
        "images are number, channels, height, width")
      precondition(
        captions.isEmpty || captions.count == shape.first, "a caption for each image, or none")
      (self.shape, self.values, self.kind, self.captions) = (shape, values, kind, captions)
    }
  }
}

extension Conclusion {
  /// - Throws: `FederationError.notFinite` if a figure or a point of a curve is no number.
  func check(of component: String) throws(FederationError) {
    for (name, value) in figures.sorted(by: { $0.key < $1.key }) where !value.isFinite {
      throw .notFinite(component: component, what: "figure '\(name)'")
    }
    for (name, curve) in curves.sorted(by: { $0.key < $1.key })
    where !(curve.x + curve.y).allSatisfy(\.isFinite) {
      throw .notFinite(component: component, what: "curve '\(name)'")
    }
  }
}

extension RunRecord {
  /// Every observer's figures by name; of a name that several use, ` (observer)` is made a part.
  public var figures: [String: Double] { merged(\.figures) }
  /// Every observer's curves, likewise.
  public var curves: [String: Conclusion.Curve] { merged(\.curves) }
  /// Every observer's tensors, likewise.
  public var tensors: [String: Conclusion.Tensor] { merged(\.tensors) }
  /// Every observer's remarks, in the order of the observers' names.
  public var remarks: [String] {
    conclusions.sorted { $0.key < $1.key }.flatMap { name, conclusion in
      conclusion.remarks.map { "\(name): \($0)" }
    }
  }

  /// Every observer's adaptivity together; nil where nothing defends.
  public var adaptivity: Conclusion.Adaptivity? {
    conclusions.sorted { $0.key < $1.key }.compactMap(\.value.adaptivity)
      .reduce(nil) { sum, next in sum?.merged(with: next) ?? next }
  }

  private func merged<Value>(_ path: KeyPath<Conclusion, [String: Value]>) -> [String: Value] {
    var uses: [String: Int] = [:]
    for conclusion in conclusions.values {
      for name in conclusion[keyPath: path].keys { uses[name, default: 0] += 1 }
    }
    var merged: [String: Value] = [:]
    for (observer, conclusion) in conclusions {
      for (name, value) in conclusion[keyPath: path] {
        merged[uses[name] == 1 ? name : "\(name) (\(observer))"] = value
      }
    }
    return merged
  }
}
