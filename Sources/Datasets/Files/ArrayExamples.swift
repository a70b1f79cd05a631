package import FileFormats

/// Puts arrays of features and of labels together, as IDX and NumPy files hold them.
package enum ArrayExamples {
  /// The examples that two arrays hold.
  ///
  /// One dimension more than an example's; `[n, p]` is a table, `[n, h, w]` are images of one
  /// channel, `[n, c, h, w]` images of several. Labels are whole numbers, `[n]` or `[n, 1]`.
  ///
  /// - Parameters:
  ///   - x: Features; `xSource` is what messages call their file.
  ///   - y: Labels; `ySource` is what messages call their file.
  ///   - channelsLast: Whether four dimensions are `[n, h, w, c]`.
  ///   - shape: The shape of one example if not the array's own.
  package static func examples(
    _ x: NamedTensor, _ xSource: String, _ y: NamedTensor, _ ySource: String,
    channelsLast: Bool = false, shape: [Int] = []
  ) throws(DataError) -> RawExamples {
    guard x.shape.count >= 2 else {
      throw .unusable(
        source: xSource,
        problem: "has the shape \(x.shape), as labels have; expected features, examples first")
    }
    guard x.shape.count <= 4 else {
      throw .unusable(
        source: xSource, problem: "has \(x.shape.count) dimensions; expected 2 to 4")
    }
    let labels = try labels(y, ySource)
    guard labels.count == x.shape[0] else {
      throw .unusable(
        source: ySource,
        problem: "holds \(labels.count) labels, \(xSource) holds \(x.shape[0]) examples")
    }
    let own = Array(x.shape.dropFirst())
    var raw = RawExamples(
      source: xSource, features: features(x.values), shape: own.count == 2 ? [1] + own : own,
      labels: labels)
    try raw.check()
    if channelsLast, own.count == 3 { raw = channelsFirst(raw) }
    return try raw.reshaped(shape)
  }

  private static func labels(_ y: NamedTensor, _ source: String) throws(DataError) -> [Int32] {
    guard y.shape.count == 1 || (y.shape.count == 2 && y.shape[1] == 1) else {
      throw .unusable(
        source: source,
        problem: "has the shape \(y.shape), as features have; expected labels: [n] or [n, 1]")
    }
    if case .bool(let values) = y.values { return values.map { $0 ? 1 : 0 } }
    let values = try DataError.reading(source) { () throws(TensorFileError) in
      try y.values.integers()
    }
    return try LabelRange.labels(values, source: source)
  }

  private static func features(_ values: TensorValues) -> RawExamples.Features {
    if case .uint8(let bytes) = values { .bytes(bytes) } else { .floats(values.roundedFloats) }
  }

  /// Images `[h, w, c]` as `[c, h, w]`.
  private static func channelsFirst(_ raw: RawExamples) -> RawExamples {
    let (height, width, channels) = (raw.shape[0], raw.shape[1], raw.shape[2])
    func turned<Value>(_ values: [Value]) -> [Value] {
      var out = values
      let size = height * width * channels
      for example in 0..<raw.count {
        for channel in 0..<channels {
          for pixel in 0..<(height * width) {
            out[example * size + channel * height * width + pixel] =
              values[example * size + pixel * channels + channel]
          }
        }
      }
      return out
    }
    var out = raw
    out.shape = [channels, height, width]
    switch raw.features {
    case .bytes(let values): out.features = .bytes(turned(values))
    case .floats(let values): out.features = .floats(turned(values))
    }
    return out
  }
}
