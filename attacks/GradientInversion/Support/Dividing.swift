internal import Components
internal import Federation
internal import GradientInversion
internal import Learning
internal import Randomness
internal import Tensors

extension InversionObserver {
  /// The informed form of an attack that divides the gradients of `tensors`: the attack as it is where
  /// the defense leaves quotients alone, `fit` where entries are missing or scatter.
  func divide(
    _ row: Int, of observation: Observation, tensors: [String],
    knowing counters: [InversionCounter], using generator: Generator,
    fit: (DefendedDivision) throws -> InformedInversion
  ) throws -> InformedInversion {
    let division = try DefendedDivision(
      counters, observed: observation.updates.row(row), of: observation.network, tensors: tensors)
    if !division.gaps.isEmpty { return InformedInversion(nil, gaps: division.gaps) }
    if division.isUntouched {
      return InformedInversion(try invert(row, of: observation, using: generator))
    }
    return try fit(division)
  }

  /// The same for an attack that has no such form.
  func divide(
    _ row: Int, of observation: Observation, tensors: [String],
    knowing counters: [InversionCounter], using generator: Generator
  ) throws -> InformedInversion {
    try divide(
      row, of: observation, tensors: tensors, knowing: counters, using: generator
    ) { _ in
      InformedInversion(
        nil, gaps: ["\(cardName) has no form for gradients with missing or noisy entries"])
    }
  }

  /// The only input of a first dense layer, fitted to what was sent, in the valid range.
  func fitted(
    _ row: Int, of observation: Observation, sent: [Bool]?, claim: Int32? = nil
  ) throws -> InvertedBatch {
    let fit = try RankOneDivision(
      observation.gradientUpToAFactor(ofRow: row), sent: sent, of: observation.network)
    let images = try observation.pixels([fit.input]).map { $0.map { min(max($0, 0), 1) } }
    return InvertedBatch(row: row, of: observation, images: images, claim: claim)
  }

  /// Why planted weights do not fit a model, as a refusal.
  func refusal(suggesting suggestion: String, _ plant: () throws -> Void) -> Refusal? {
    do {
      try plant()
      return nil
    } catch InversionError.unsuitableModel(_, let reason) {
      return Refusal(component: cardName, reason: "cannot: \(reason)", suggestion: suggestion)
    } catch {
      return Refusal(component: cardName, reason: "cannot: \(error)", suggestion: suggestion)
    }
  }
}

/// The first dense layer's tensors.
let firstDenseTensors = ["fc1.weight", "fc1.bias"]
