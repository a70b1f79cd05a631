internal import Accounting
internal import Synchronization

/// The least noise with which a number of steps keeps a promise.
public enum PrivacyTarget {
  /// The noise multiplier with which `steps` steps of `options` are (`epsilon`, `delta`)-private
  /// for `population` examples and a model of `dimension` parameters, the imperfection of the noise
  /// paid for. The multiplier that `options` has does not matter.
  ///
  /// Answers are kept: asking again costs nothing.
  ///
  /// - Throws: `PrivateTrainingError.refused` if delta promises nothing, or no noise is enough;
  ///   `.accounting` for numbers out of their range.
  /// - Complexity: About ten questions to the accountant.
  public static func noiseMultiplier(
    epsilon: Double, delta: Double, steps: Int, population: Int, dimension: Int,
    options: PrivateTrainingOptions
  ) throws(PrivateTrainingError) -> Double {
    try check(delta: delta, population: population)
    guard steps >= 1 else {
      throw .invalid("steps", "\(steps)", "must be 1 or more")
    }
    let question = Question(
      epsilon: epsilon, delta: delta, steps: steps, population: population, dimension: dimension,
      size: options.batchSize, sampling: options.sampling)
    if let known = answers.withLock({ $0[question] }) { return known }
    let distance = GradientNoise.distance(releases: steps, dimension: dimension + 1)
    guard
      let rest = TrainingPrivacy.remaining(delta: delta, epsilon: epsilon, distance: distance)
    else {
      throw .refused(
        what: "target-epsilon \(epsilon) at delta \(delta)",
        reason: "the noise's grid alone costs more delta than that", remedy: "ask for a smaller one"
      )
    }
    do throws(AccountingError) {
      var options = options
      let found = try Calibration(.epsilon(epsilon, delta: rest), by: PLDAccountant())
        .leastNoise(in: 1e-3...1e6) { noise throws(AccountingError) in
          options.noiseMultiplier = noise
          return [try options.events(steps: steps, population: population)]
        }
      answers.withLock { $0[question] = found.value }
      return found.value
    } catch {
      throw .accounting(error)
    }
  }

  /// Refuses a delta that promises nothing for `population` records.
  ///
  /// - Throws: `PrivateTrainingError`, with what would do.
  public static func check(delta: Double, population: Int) throws(PrivateTrainingError) {
    guard delta > 0, delta < 1 else {
      throw .invalid("delta", "\(delta)", "must be above 0 and below 1, such as 1e-5")
    }
    guard delta < 1 / Double(max(population, 1)) else {
      throw .refused(
        what: "delta \(delta)",
        reason: "publishing one of the \(population) records at random, whole, would be as private",
        remedy: "take a delta well below \(1 / Double(max(population, 1)))")
    }
  }

  private struct Question: Hashable {
    var epsilon: Double
    var delta: Double
    var steps: Int
    var population: Int
    var dimension: Int
    var size: Int
    var sampling: BatchScheme
  }

  private static let answers = Mutex<[Question: Double]>([:])
}
