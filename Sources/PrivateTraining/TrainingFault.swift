package import Accounting

/// A mistake of the kind that voids guarantees, to be planted by tests, which then see it caught.
///
/// Nothing outside the package can name or set one.
package enum TrainingFault: String, CaseIterable, Sendable {
  /// Gradients join the sum as they are.
  case noClip
  /// Half the standard deviation that is declared.
  case halfNoise
  /// The first step's noise in every step.
  case reusedNoise
  /// Examples are drawn at twice the declared rate.
  case wrongRate
  /// Every example counts by a weight of its own, up to 4.
  case weightedAveraging
  /// The sum is divided by how many were drawn.
  case meanInsteadOfSum
  /// Batches of a fixed size, declared as Poisson batches under add-remove.
  case replacedAdjacency
  /// What is not finite is added like everything else.
  case nonFiniteUpdate
  /// Adaptive clipping sees the counts without noise.
  case bareCount
}

/// What a step did, for whoever compares it with what it declared.
package struct StepRecord: Sendable {
  /// The examples drawn.
  package var batch: [Int]
  /// The sum before the noise, in steps of the grid.
  package var sum: [Int64]
  /// The sum after it.
  package var noised: [Int64]
  /// The gradient that the optimiser got.
  package var released: [Float]
  /// The grid's step, of a sum whose terms are at most 1 long.
  package var gridStep: Double
  /// What `released` is, were it right: `noised` times the grid's step times this.
  package var scale: Double
  /// Adaptive clipping's count of short gradients, centred, before and after its noise; nil without.
  package var count: (exact: Double, noised: Double)?
  /// What the step declared.
  package var event: PrivacyEvent
}
