/// Weights of a round as protocols over integers take them.
enum UploadWeight {
  /// The weight as a whole number in 1...`limit`; nil unless it is positive.
  static func whole(_ weight: Double, limit: Int) -> Int? {
    guard weight > 0 else { return nil }
    return weight >= Double(limit) ? limit : max(1, Int(weight.rounded()))
  }

  /// What the run should say of weights that are not taken as they are.
  static func notes(_ weights: [Double], limit: Int) -> [String] {
    var notes: [String] = []
    if weights.contains(where: { $0 > Double(limit) }) {
      notes.append("a weight above \(limit) counts as that; raise max-weight")
    }
    if weights.contains(where: { $0.isFinite && $0 != $0.rounded() }) {
      notes.append("weights are rounded to whole numbers")
    }
    return notes
  }
}
