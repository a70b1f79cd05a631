internal import Federation
internal import GradientInversion

extension InversionJudge {
  /// Figures that are told of both attackers.
  private static let sides = [
    InversionScores.headline, "PSNR in dB, median", "SSIM, median", "leakage rate at 20 dB",
    "attacks failed, share",
  ]

  /// The attacker who does not know the defense and the one who does, side by side; the figures,
  /// curves and pictures are those of the one who came nearer.
  func judge(_ guess: InvertedUpdates) throws -> Conclusion {
    let plain = try judge(guess.plain)
    guard let adaptivity = guess.adaptivity else { return plain }
    guard adaptivity.wasRun else {
      var conclusion = plain
      conclusion.adaptivity = adaptivity
      return conclusion
    }
    let adaptive = try judge(guess.adaptive)
    func height(_ conclusion: Conclusion) -> Double {
      conclusion.figures[InversionScores.headline] ?? -.infinity
    }
    var conclusion = height(adaptive) > height(plain) ? adaptive : plain
    for name in Self.sides {
      conclusion.figures["plain: \(name)"] = plain.figures[name]
      conclusion.figures["adaptive: \(name)"] = adaptive.figures[name]
    }
    conclusion.remarks =
      plain.remarks.map { "plain: \($0)" } + adaptive.remarks.map { "adaptive: \($0)" }
    conclusion.adaptivity = adaptivity
    return conclusion
  }
}
