internal import Components
internal import Datasets
public import Federation
internal import GradientInversion
internal import Learning
public import Randomness

/// An observer that turns updates back into images, at rounds and clients fixed before the run.
///
/// What is common to all of them: they write down what they found and are judged by it at the end,
/// example by example, matched one to one, beside gray and the mean of test images.
public protocol InversionObserver: Observer where Guess == [InvertedBatch] {
  /// Which updates it goes for.
  var target: InversionTarget { get }

  /// What stands behind one row; randomness is a function of the stream's key alone.
  ///
  /// - Throws: `InversionError` where the attack finds nothing, which is noted as its failure.
  func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [InvertedBatch]
}

/// What an attack found behind one update, or that it found nothing.
public struct InvertedBatch: Codable, Sendable, Hashable {
  /// The round, from 0.
  public var round: Int
  /// The clients behind the row, if the transport tells.
  public var clients: [Int]?
  /// Pixels from 0 to 1, an image each.
  public var images: [[Float]]
  /// The images' labels; empty where the attack does not say.
  public var labels: [Int32]
  /// The class that all images are claimed to be of; nil for any.
  public var claim: Int32?
  /// Why there is nothing; nil if there is.
  public var failure: String?

  /// What was found behind a row of `observation`.
  public init(
    row: Int, of observation: Observation, images: [[Float]], labels: [Int32] = [],
    claim: Int32? = nil, failure: String? = nil
  ) {
    round = observation.round
    clients = observation.items[row].clients
    self.images = images
    self.labels = labels
    self.claim = claim
    self.failure = failure
  }
}

/// What an inversion attack remembers.
private struct Inverted: Codable, Sendable { var batches: [InvertedBatch] = [] }

extension InversionObserver {
  /// Attacks the chosen rows of the chosen rounds.
  public func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) throws {
    guard target.includes(observation.round, of: observation.rounds) else { return }
    var inverted = memory[Inverted.self] ?? Inverted()
    for row in observation.items.indices.prefix(target.updates) {
      do {
        inverted.batches += try invert(
          row, of: observation, using: generator.fork("update", UInt64(row)))
      } catch let error as InversionError {
        switch error {
        case .unsuitableModel(_, let reason):
          throw FederationError.unsuitableModel(component: cardName, problem: reason)
        case .notKnown, .sizeMismatch, .invalid: throw error
        case .notFinite, .zeroGradient:
          inverted.batches.append(
            InvertedBatch(row: row, of: observation, images: [], failure: "\(error)"))
        }
      }
    }
    memory[Inverted.self] = inverted
  }

  /// Everything that was found.
  public func guess(using generator: inout Generator, memory: inout Memory) -> [InvertedBatch] {
    (memory[Inverted.self] ?? Inverted()).batches
  }

  /// Scores what was found against what the clients' steps were taken on.
  public func judge(
    _ guess: [InvertedBatch], against truth: GroundTruth
  ) throws -> Conclusion {
    try InversionJudge(truth).judge(guess)
  }

  /// The bound that every inversion attack must pass undefended.
  static var usualControl: PositiveControl {
    .figure(
      "PSNR above gray in dB, median", atLeast: 3,
      summary: "the median reconstruction is at least 3 dB nearer than constant gray")
  }
}
