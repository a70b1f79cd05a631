/// What was done to feature values before anybody saw them: `(x - offset) / scale`.
///
/// The numbers are those of the training part alone, so that nothing of the test part reaches
/// training; both parts are treated the same. They go with the split.
public struct Normalisation: Sendable, Hashable {
  /// How the numbers come about.
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Values stay as the file has them.
    case none
    /// Pixels from 0 to 255 become 0 to 1.
    case unit
    /// Mean 0 and standard deviation 1 over the training part, each feature of a table by itself,
    /// each channel of images (shape of three sizes) by itself.
    case standard
  }

  /// How the numbers came about.
  public let method: Method
  /// What is subtracted, one number a feature or channel; empty for `none` and `unit`.
  public let offsets: [Double]
  /// What the difference is divided by, one number a feature or channel; one number for `unit`.
  public let scales: [Double]

  /// Values as they are.
  public static let none = Normalisation(method: .none)

  init(method: Method, offsets: [Double] = [], scales: [Double] = []) {
    (self.method, self.offsets, self.scales) = (method, offsets, scales)
  }

  /// What `method` means for these examples, of which `rows` are trained on.
  ///
  /// The standard deviation divides by the number of values; where it is 0 the scale is 1. Sums run
  /// in double precision in the order of `rows`; those of bytes are exact.
  init(
    _ method: Method, of raw: RawExamples, rows: [Int]
  ) throws(DataError) {
    switch method {
    case .none: self = .none
    case .unit:
      if case .floats(let values) = raw.features,
        let index = values.firstIndex(where: { $0 < 0 || $0 > 255 })
      {
        throw .malformed(
          source: raw.source, row: index / raw.width + 1,
          problem: "feature \(index % raw.width + 1) is \(values[index]); normalise: unit expects "
            + "pixels from 0 to 255")
      }
      self = Normalisation(method: .unit, scales: [255])
    case .standard:
      let moments = Self.moments(of: raw, rows: rows)
      self = Normalisation(
        method: .standard, offsets: moments.map(\.mean),
        scales: moments.map { $0.deviation > 0 ? $0.deviation : 1 })
    }
  }

  /// Number of neighbouring features that share their numbers: a channel's, or one.
  static func run(of shape: [Int]) -> Int { shape.count == 3 ? shape[1] * shape[2] : 1 }

  private static func moments(
    of raw: RawExamples, rows: [Int]
  ) -> [(mean: Double, deviation: Double)] {
    let (width, run) = (raw.width, run(of: raw.shape))
    let channels = width / run
    let count = Double(rows.count * run)
    switch raw.features {
    case .bytes(let values):
      var sums = [UInt64](repeating: 0, count: channels)
      var squares = sums
      for row in rows {
        for channel in 0..<channels {
          let start = row * width + channel * run
          var (sum, square) = (0 as UInt64, 0 as UInt64)
          for value in values[start..<(start + run)] {
            sum += UInt64(value)
            square += UInt64(value) * UInt64(value)
          }
          sums[channel] += sum
          squares[channel] += square
        }
      }
      return zip(sums, squares).map { sum, square in
        let mean = Double(sum) / count
        return (mean, max(0, Double(square) / count - mean * mean).squareRoot())
      }
    case .floats(let values):
      func means(_ term: (Double, Int) -> Double) -> [Double] {
        var sums = [Double](repeating: 0, count: channels)
        for row in rows {
          for channel in 0..<channels {
            let start = row * width + channel * run
            for value in values[start..<(start + run)] {
              sums[channel] += term(Double(value), channel)
            }
          }
        }
        return sums.map { $0 / count }
      }
      let centre = means { value, _ in value }
      let variances = means { value, channel in
        (value - centre[channel]) * (value - centre[channel])
      }
      return zip(centre, variances).map { ($0, $1.squareRoot()) }
    }
  }

  /// The features as they are trained on.
  func applied(to raw: RawExamples) -> [Float] {
    let (run, channels) = (Self.run(of: raw.shape), raw.width / Self.run(of: raw.shape))
    switch raw.features {
    case .bytes(let values):
      return Self.lookUp(values, tables: tables(channels: channels), run: run)
    case .floats(let values):
      if method == .none { return values }
      if method == .unit { return values.map { $0 / 255 } }
      var out = values
      for start in stride(from: 0, to: values.count, by: run) {
        let channel = start / run % channels
        for index in start..<(start + run) {
          out[index] = Float((Double(values[index]) - offsets[channel]) / scales[channel])
        }
      }
      return out
    }
  }

  /// For each channel what each byte becomes; one table if all channels share it.
  private func tables(channels: Int) -> [[Float]] {
    switch method {
    case .none: [(0..<256).map(Float.init)]
    case .unit: [(0..<256).map { Float($0) / 255 }]
    case .standard:
      zip(offsets, scales).map { offset, scale in
        (0..<256).map { Float((Double($0) - offset) / scale) }
      }
    }
  }

  private static func lookUp(_ bytes: [UInt8], tables: [[Float]], run: Int) -> [Float] {
    let run = tables.count == 1 ? bytes.count : run
    return [Float](unsafeUninitializedCapacity: bytes.count) { out, initialized in
      bytes.withUnsafeBufferPointer { bytes in
        var start = 0
        while start < bytes.count {
          tables[start / run % tables.count].withUnsafeBufferPointer { table in
            for index in start..<(start + run) { out[index] = table[Int(bytes[index])] }
          }
          start += run
        }
      }
      initialized = bytes.count
    }
  }
}
