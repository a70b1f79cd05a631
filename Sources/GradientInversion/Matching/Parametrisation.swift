internal import Glibc
internal import Learning

/// How free variables become model inputs, with the derivative of that.
enum Parametrisation<S: AttackPrecision>: Sendable {
  /// `x = centre + scale z`, by channel; channels are `length` long.
  case affine(centre: [S], scale: [S], length: Int)
  /// Columns of a table.
  case table([TableColumn])

  /// - Throws: `InversionError` if ranges or columns do not fit the inputs.
  init(
    settings: AttackSettings, knowledge: AttackerKnowledge, network: Network
  ) throws(InversionError) {
    if settings.box, !settings.table.isEmpty || !settings.scaled {
      throw .invalid(
        what: "the box", got: settings.table.isEmpty ? "unscaled inputs" : "table columns",
        requirement: "needs inputs in the valid range's units; columns are bounded by themselves")
    }
    if !settings.table.isEmpty {
      let width = settings.table.reduce(0) { $0 + $1.width }
      guard width == network.inputs else {
        throw .sizeMismatch(
          what: "model inputs of the table's columns", got: width, expected: "\(network.inputs)")
      }
      self = .table(settings.table)
      return
    }
    if settings.box, knowledge.inputRange == nil {
      throw .notKnown(
        attack: "keeping candidates to valid pixels", missing: "the input normalisation",
        alternative: "grant it, or run without the box")
    }
    guard let range = knowledge.inputRange, settings.scaled else {
      self = .affine(centre: [0], scale: [1], length: network.inputs)
      return
    }
    guard network.inputs % range.lower.count == 0 else {
      throw .sizeMismatch(
        what: "channels of the input range", got: range.lower.count,
        expected: "a divisor of the \(network.inputs) inputs")
    }
    self = .affine(
      centre: zip(range.lower, range.upper).map { S(($0 + $1) / 2) },
      scale: zip(range.lower, range.upper).map { S(($1 - $0) / 4) },
      length: network.inputs / range.lower.count)
  }

  /// Model inputs of `rows` examples.
  func apply(_ z: UnsafePointer<S>, into x: UnsafeMutablePointer<S>, rows: Int) {
    switch self {
    case .affine(let centre, let scale, let length):
      for part in 0..<(rows * centre.count) {
        let (c, s) = (centre[part % centre.count], scale[part % centre.count])
        let start = part * length
        for index in start..<(start + length) { x[index] = c + s * z[index] }
      }
    case .table(let columns):
      var place = 0
      for _ in 0..<rows {
        for column in columns {
          switch column {
          case .number(let lower, let upper):
            x[place] = S(lower + (upper - lower) / (1 + exp(-Double(z[place]))))
          case .category(let count):
            Self.softmax(z + place, into: x + place, count: count)
          }
          place += column.width
        }
      }
    }
  }

  /// Turns `df/dx` into `df/dz` in place.
  func pullBack(
    _ gradient: UnsafeMutablePointer<S>, x: UnsafePointer<S>, rows: Int
  ) {
    switch self {
    case .affine(let centre, let scale, let length):
      for part in 0..<(rows * centre.count) {
        let s = scale[part % centre.count]
        let start = part * length
        for index in start..<(start + length) { gradient[index] *= s }
      }
    case .table(let columns):
      var place = 0
      for _ in 0..<rows {
        for column in columns {
          switch column {
          case .number(let lower, let upper):
            let share = (Double(x[place]) - lower) / (upper - lower)
            gradient[place] *= S((upper - lower) * share * (1 - share))
          case .category(let count):
            Self.softmaxPullBack(gradient + place, probabilities: x + place, count: count)
          }
          place += column.width
        }
      }
    }
  }

  /// The softmax of one row.
  static func softmax(
    _ z: UnsafePointer<S>, into p: UnsafeMutablePointer<S>, count: Int
  ) {
    var largest = z[0]
    for index in 1..<max(1, count) { largest = max(largest, z[index]) }
    var sum = 0.0
    for index in 0..<count {
      let power = exp(Double(z[index] - largest))
      p[index] = S(power)
      sum += power
    }
    for index in 0..<count { p[index] = S(Double(p[index]) / sum) }
  }

  /// `df/dz = p (df/dp - <p, df/dp>)`, in place.
  static func softmaxPullBack(
    _ gradient: UnsafeMutablePointer<S>, probabilities p: UnsafePointer<S>, count: Int
  ) {
    var mean: S = 0
    for index in 0..<count { mean += p[index] * gradient[index] }
    for index in 0..<count { gradient[index] = p[index] * (gradient[index] - mean) }
  }
}
