/// What the learning curve of a run says beside its end.
extension RunMetrics {
  /// The mean accuracy of the tenth of the clients that do worst, after the last round; nil where
  /// one model is tested for all.
  public var worstTenth: Double? { curve.last?.worstTenth }

  /// Virtual time at the end of the run; nil where it was not kept.
  public var virtualTime: Double? { curve.last?.time }

  /// How much test accuracy goes up and down late in the run: the root of half the mean square of
  /// its successive differences, over the measured points in the second half of the rounds.
  ///
  ///     √( Σ (a_{i+1} - a_i)² / (2 (n - 1)) )
  ///
  /// For independent noise around a level this estimates the noise's standard deviation; unlike that
  /// it does not count slow learning as unsteadiness. Depends on `evaluate-every`: compare runs that
  /// measure equally often. Nil below two points. O(points).
  ///
  /// Source: von Neumann, Kent, Bellinson, Hart 1941, *The Mean Square Successive Difference*.
  public var unsteadiness: Double? {
    guard let last = curve.last?.round else { return nil }
    let late = curve.filter { 2 * $0.round > last }.map(\.accuracy)
    guard late.count >= 2 else { return nil }
    let squares = zip(late, late.dropFirst()).reduce(0) { sum, pair in
      sum + (pair.1 - pair.0) * (pair.1 - pair.0)
    }
    return (squares / Double(2 * (late.count - 1))).squareRoot()
  }

  /// The largest fall of test accuracy from one measured point to the next, over the whole run; 0
  /// if it never fell, nil below two points. O(points).
  public var largestDrop: Double? {
    let accuracies = curve.map(\.accuracy)
    guard accuracies.count >= 2 else { return nil }
    return zip(accuracies, accuracies.dropFirst()).map { $0 - $1 }.max().map { max(0, $0) }
  }

  /// The first measured point with test accuracy of `target` or more; nil if there is none, and then
  /// all that is known is that the last point came before it. O(points).
  public func reach(_ target: Double) -> Point? { curve.first { $0.accuracy >= target } }
}
