/// What `rampart secagg` can run.
enum SecAggProtocol: String, CaseIterable {
  /// Everybody masks with everybody.
  case secagg
  /// Along a sparse graph.
  case secaggPlus = "secagg-plus"
  /// With commitments that the sum must open.
  case committed
  /// With a proof for each coordinate, reconstructed, labels repaired.
  case verifyNet = "verifynet"
  /// With one proof for a vector.
  case verifyNetPerVector = "verifynet-per-vector"
  /// With committed hashes, in the mended form.
  case veriFL = "verifl"

  /// Those whose sums clients check.
  static let checked = [committed, verifyNet, verifyNetPerVector, veriFL]

  /// Whether clients check the sum.
  var isChecked: Bool { Self.checked.contains(self) }

  /// "committed, verifynet or verifl".
  static var checkedNames: String {
    let names = checked.map(\.rawValue)
    return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
  }
}
