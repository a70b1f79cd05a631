internal import Accounting
internal import Federation
internal import Foundation

extension MatrixPlan {
  /// That the audit of a cell could not refute its promise for any mechanism, however right its guesses;
  /// nil where it could, and where nothing is promised or audited.
  func auditNote(_ cell: Cell) throws -> String? {
    let pipeline = try workbench.pipeline(of: cell)
    guard let privacy = pipeline.privacy, let target = privacy.terms.targetEpsilon,
      privacy.terms.canaries > 0
    else { return nil }
    let terms = privacy.terms
    let guesses = 2 * min(terms.guesses, terms.canaries / 2)
    let most = try OneRunAudit.greatestProvable(
      canaries: terms.canaries, guesses: guesses, delta: terms.delta, significance: 0.05)
    guard most < target else { return nil }
    return "the audit of \(cell.entry(.defense).label) can prove an epsilon of at most "
      + String(format: "%.2f", most)
      + " by \(guesses) guesses about \(terms.canaries) canaries in a run, whatever the mechanism: "
      + "more guesses prove more"
  }
}
