internal import Federation
internal import GradientInversion

extension InvertedUpdates {
  /// The attacker who does not know the defense and the one who does, side by side; the figures,
  /// curves and pictures are those of the one who came nearer.
  ///
  /// - Parameters:
  ///   - headline: The figure that says who came nearer: more is nearer.
  ///   - others: Further figures that are told of both.
  ///   - judge: What one attacker found, scored.
  func judged(
    headline: String, others: [String], by judge: ([InvertedBatch]) throws -> Conclusion
  ) throws -> Conclusion {
    let plain = try judge(plain)
    guard let adaptivity else { return plain }
    guard adaptivity.wasRun else {
      var conclusion = plain
      conclusion.adaptivity = adaptivity
      return conclusion
    }
    let adaptive = try judge(self.adaptive)
    func height(_ conclusion: Conclusion) -> Double { conclusion.figures[headline] ?? -.infinity }
    var conclusion = height(adaptive) > height(plain) ? adaptive : plain
    for name in [headline] + others {
      conclusion.figures["plain: \(name)"] = plain.figures[name]
      conclusion.figures["adaptive: \(name)"] = adaptive.figures[name]
    }
    conclusion.remarks =
      plain.remarks.map { "plain: \($0)" } + adaptive.remarks.map { "adaptive: \($0)" }
    conclusion.adaptivity = adaptivity
    return conclusion
  }
}

extension InversionJudge {
  /// Images of both attackers, told by how much nearer than gray and the mean image they are.
  func judge(_ guess: InvertedUpdates) throws -> Conclusion {
    try guess.judged(
      headline: InversionScores.headline,
      others: [
        "PSNR in dB, median", "SSIM, median", "leakage rate at 20 dB", "attacks failed, share",
      ], by: { try judge($0) })
  }
}

extension TableJudge {
  /// Rows of both attackers, told by how many more columns are right than in the mean row.
  func judge(_ guess: InvertedUpdates) throws -> Conclusion {
    try guess.judged(
      headline: Self.gain, others: ["columns right, share, mean", "attacks failed, share"],
      by: { try judge($0) })
  }
}
