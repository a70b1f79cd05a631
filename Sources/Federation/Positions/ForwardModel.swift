public import Learning
public import Tensors

/// What a defense does to an update, as something an adaptive attacker can evaluate and
/// differentiate.
///
/// Two views of the same thing. ``forward(_:segments:)`` is the defense with its randomness
/// replaced by its expectation: the mean of what `transform` gives over draws (a law test compares
/// them). ``pieces(observed:segments:)`` is what remains to be modelled once the message lies on
/// the table: which coordinates survived can be read off it, so a mask that depends on the data is
/// a constant there.
///
/// Updates and numbers are in the unit that the client's transform sees, `w_after - w_before`.
public protocol ForwardModel: Sendable {
  /// The update after the defense, in expectation. `segments` are the model's tensors.
  func forward(_ delta: Vector, segments: [Segment]) throws -> Vector

  /// The defense in pieces, first to last, for one who has seen `observed` come out of it.
  func pieces(observed: Vector, segments: [Segment]) throws -> [ForwardPiece]
}

/// One elementary thing that a defense does, with the numbers an attacker knows.
///
/// The first two change the update and are differentiated; the others say how the message scatters
/// around that and choose the distance: squared for Gaussian noise, absolute for Laplace noise,
/// `-log(1 - u)` at u steps from the level for random rounding, the way to the nearest end for
/// intervals, disagreement for signs.
public enum ForwardPiece: Sendable {
  /// Every coordinate times a factor; 0 where nothing is sent.
  case scale(Vector)
  /// Each stretch shortened to a Euclidean norm of at most `norm`.
  case clip(norm: Double, ranges: [Range<Int>])
  /// Independent normal noise of this deviation in every coordinate.
  case gaussian(deviation: Double)
  /// Independent Laplace noise of this scale in every coordinate.
  case laplace(scale: Double)
  /// Rounding at random to the level below or above: levels are so far apart at each coordinate.
  case rounding(Vector)
  /// Rounding to the nearest level: the value before it lies between the two.
  case interval(lower: Vector, upper: Vector)
  /// Only the signs are sent; where the message is 0 nothing is known.
  case sign
}
