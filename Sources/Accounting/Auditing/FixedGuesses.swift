extension OneRunAudit {
  /// The audit of scores by guesses whose numbers were fixed before anybody saw a score: the
  /// `guessesIn` highest scores are called "in", the `guessesOut` lowest "out".
  ///
  /// Where scores are equal, whatever is wrong is called first: never a right call by the order in
  /// which scores happen to be listed.
  ///
  /// Example: scores 9, 8, 5, 1 of which the first two are members, one guess of each kind: 2 of 2
  /// right.
  ///
  /// - Parameters:
  ///   - scores: One for each canary; a higher one says "in" more strongly.
  ///   - members: Whether each canary was in, by the flip of a fair coin.
  /// - Throws: `AccountingError.invalid` for numbers that do not fit, or a score that is NaN.
  /// - Complexity: O(n log n).
  public init(
    scores: [Double], members: [Bool], guessesIn: Int, guessesOut: Int
  ) throws(AccountingError) {
    guard scores.count == members.count else {
      throw .invalid(
        "members", "\(members.count) values", "must be one for each of the \(scores.count) scores")
    }
    guard !scores.contains(where: \.isNaN) else {
      throw .invalid("scores", "nan", "must be numbers; give a score to what could not be scored")
    }
    guard guessesIn >= 0, guessesOut >= 0, guessesIn <= scores.count,
      guessesOut <= scores.count - guessesIn
    else {
      throw .invalid(
        "guesses", "\(guessesIn) in and \(guessesOut) out",
        "must not be negative or more than the \(scores.count) canaries together")
    }
    // The most in-like first; among equals first what an "in" gets wrong.
    let falling = scores.indices.sorted { a, b in
      scores[a] != scores[b] ? scores[a] > scores[b] : !members[a] && members[b]
    }
    // The most out-like first; among equals first what an "out" gets wrong.
    let rising = scores.indices.sorted { a, b in
      scores[a] != scores[b] ? scores[a] < scores[b] : members[a] && !members[b]
    }
    let right =
      falling.prefix(guessesIn).count { members[$0] }
      + rising.prefix(guessesOut).count { !members[$0] }
    try self.init(canaries: scores.count, guesses: guessesIn + guessesOut, correct: right)
  }
}
