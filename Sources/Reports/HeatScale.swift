/// How far accuracy falls short, in the steps that colours show.
enum HeatScale {
  /// The least shortfall of each step but the first, as a fraction of 1.
  static let thresholds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6]

  /// The step of a shortfall, from 0 (hardly any) to `thresholds.count`.
  static func step(_ loss: Double) -> Int { thresholds.count { loss >= $0 } }

  /// The steps in words, in points: `below 1`, `1 to 2`, …, `60 or more`.
  static var names: [String] {
    let points = thresholds.map { Numbers.fixed($0 * 100, digits: 0) }
    let between = zip(points, points.dropFirst()).map { "\($0) to \($1)" }
    return ["below \(points[0])"] + between + ["\(points[points.count - 1]) or more"]
  }
}
