import Randomness
import Tensors

/// Matrices that are hard in different ways.
enum UpdateKind: String, CaseIterable, Sendable {
  case random
  /// Entries from {-1, 0, 1}: many exact ties.
  case tied
  /// Rows that differ by 1e-4 of their common part.
  case nearEqual
  /// Near-equal rows and one that is 1e12 times as large.
  case oneHuge
  /// Near-equal rows, a third of them identical.
  case sybils
  /// Near-equal rows in two clusters.
  case clusters
  /// Two clusters whose members differ in the last bit of one entry.
  case lastBit
  /// Near-equal rows and two that are 1e-7 times as large.
  case minute
  /// Entries of about 1e-30: their squares are no Floats.
  case tiny

  func rows(_ n: Int, _ d: Int, _ generator: Generator) -> [[Float]] {
    var generator = generator
    let common = generator.normals(d)
    let other = generator.normals(d)
    return (0..<n).map { i in
      let noise = generator.normals(d)
      return switch self {
      case .random: noise
      case .tied: noise.map { $0 < -0.4 ? -1 : $0 > 0.4 ? 1 : 0 }
      case .nearEqual: zip(common, noise).map { $0 + 1e-4 * $1 }
      case .oneHuge:
        i == n / 2 ? noise.map { 1e12 * $0 } : zip(common, noise).map { $0 + 1e-4 * $1 }
      case .sybils: i % 3 == 1 ? other : zip(common, noise).map { $0 + 1e-4 * $1 }
      case .clusters: zip(i % 2 == 0 ? common : other, noise).map { $0 + 1e-4 * $1 }
      case .lastBit:
        (i % 2 == 0 ? common : other).enumerated().map { $0 == i / 2 % d ? $1.nextUp : $1 }
      case .minute:
        i < 2 ? noise.map { 1e-7 * $0 } : zip(common, noise).map { $0 + 1e-4 * $1 }
      case .tiny: noise.map { 1e-30 * $0 }
      }
    }
  }
}

/// Ten-line versions of everything, in Double.
struct Reference {
  let rows: [[Double]]

  init(_ rows: [[Float]]) { self.rows = rows.map { $0.map(Double.init) } }
  init(rows: [[Double]]) { self.rows = rows }

  var count: Int { rows.count }

  func mixed(by weights: SmallMatrix) -> Reference {
    Reference(
      rows: (0..<weights.rows).map { i in
        rows[0].indices.map { j in
          (0..<count).reduce(0) { $0 + weights[i, $1] * rows[$1][j] }
        }
      })
  }

  static func inner(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  static func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  func columnwise(_ statistic: ([Double]) -> Double) -> [Double] {
    rows[0].indices.map { j in statistic(rows.map { $0[j] }.sorted()) }
  }

  func median() -> [Double] {
    columnwise { ($0[($0.count - 1) / 2] + $0[$0.count / 2]) / 2 }
  }

  func trimmedMean(trimming f: Int) -> [Double] {
    columnwise { $0[f..<$0.count - f].reduce(0, +) / Double($0.count - 2 * f) }
  }

  func standardDeviation(correction: Int) -> [Double] {
    columnwise { column in
      let mean = column.reduce(0, +) / Double(column.count)
      let squares = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(column.count - correction)).squareRoot()
    }
  }
}
