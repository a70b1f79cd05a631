internal import Components
internal import Datasets
public import Federation
public import GradientInversion
internal import Learning
public import Randomness

/// An observer that turns updates back into images, at rounds and clients fixed before the run.
///
/// What is common to all of them: they write down what they found and are judged by it at the end,
/// example by example, matched one to one, beside gray, the mean of test images and one of them at
/// random. Where clients defend themselves each update is inverted twice: by an attacker who takes it
/// for undefended, and by one who knows the defense as it is set up, without its random numbers. The
/// worse of the two for the defender counts.
public protocol InversionObserver: Observer where Guess == InvertedUpdates {
  /// Which updates it goes for.
  var target: InversionTarget { get }

  /// What stands behind one row; randomness is a function of the stream's key alone.
  ///
  /// - Throws: `InversionError` where the attack finds nothing, which is noted as its failure.
  func invert(
    _ row: Int, of observation: Observation, using generator: Generator
  ) throws -> [InvertedBatch]

  /// The same by an attacker who knows what clients do to their examples and updates; by default
  /// nobody knows how.
  ///
  /// - Parameter counters: What such an attacker does about each defense, first to last; not empty.
  /// - Throws: `InversionError` where the attack finds nothing or cannot make use of its knowledge.
  func invert(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion
}

/// What an attacker found behind one update who knows the defense.
public struct InformedInversion: Sendable {
  /// What was found; nil if nobody knows how.
  public var batches: [InvertedBatch]?
  /// What of the defenses the attack makes no use of, each with the reason.
  public var gaps: [String]

  /// What was found, and what was not made use of.
  public init(_ batches: [InvertedBatch]?, gaps: [String] = []) {
    self.batches = batches
    self.gaps = gaps
  }
}

/// Everything that an attack found in a run.
public struct InvertedUpdates: Codable, Sendable, Hashable {
  /// By an attacker who takes updates for undefended.
  public var plain: [InvertedBatch] = []
  /// By one who knows the defense.
  public var adaptive: [InvertedBatch] = []
  /// Whether there was one; nil where nothing defends.
  public var adaptivity: Conclusion.Adaptivity?

  /// Nothing yet.
  public init() {}
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

  /// That nothing was found behind an update of a round, and why.
  init(round: Int, clients: [Int], claim: Int32? = nil, failure: String) {
    (self.round, self.clients, self.claim, self.failure) = (round, clients, claim, failure)
    (images, labels) = ([], [])
  }
}

extension InversionObserver {
  /// Nobody knows how.
  public func invert(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion {
    InformedInversion(nil, gaps: ["\(cardName) has no form that knows a defense"])
  }

  /// Attacks the chosen rows of the chosen rounds.
  public func observe(
    _ observation: Observation, using generator: inout Generator, memory: inout Memory
  ) throws {
    guard target.includes(observation.round, of: observation.rounds) else { return }
    var inverted = memory[InvertedUpdates.self] ?? InvertedUpdates()
    let counters = try observation.counters(for: self)
    for row in observation.items.indices.prefix(target.updates) {
      let stream = generator.fork("update", UInt64(row))
      do {
        inverted.plain += try invert(row, of: observation, using: stream)
      } catch let error as InversionError {
        switch error {
        case .unsuitableModel(_, let reason):
          throw FederationError.unsuitableModel(component: cardName, problem: reason)
        case .notKnown, .sizeMismatch, .invalid: throw error
        case .notFinite, .zeroGradient:
          inverted.plain.append(
            InvertedBatch(row: row, of: observation, images: [], failure: "\(error)"))
        }
      }
      guard !counters.isEmpty else { continue }
      let informed = try attempt(row, of: observation, knowing: counters, using: stream)
      inverted.adaptive += informed.batches ?? []
      let adaptivity = Conclusion.Adaptivity(
        wasRun: informed.batches != nil, gaps: informed.gaps)
      inverted.adaptivity = inverted.adaptivity?.merged(with: adaptivity) ?? adaptivity
    }
    memory[InvertedUpdates.self] = inverted
  }

  /// The informed attack; what it cannot be used on is a gap, not an error.
  private func attempt(
    _ row: Int, of observation: Observation, knowing counters: [InversionCounter],
    using generator: Generator
  ) throws -> InformedInversion {
    do {
      return try invert(row, of: observation, knowing: counters, using: generator)
    } catch let error as InversionError {
      switch error {
      case .notFinite, .zeroGradient:
        return InformedInversion([
          InvertedBatch(row: row, of: observation, images: [], failure: "\(error)")
        ])
      case .unsuitableModel, .notKnown, .sizeMismatch, .invalid:
        return InformedInversion(nil, gaps: ["\(error)"])
      }
    }
  }

  /// Everything that was found.
  public func guess(using generator: inout Generator, memory: inout Memory) -> InvertedUpdates {
    memory[InvertedUpdates.self] ?? InvertedUpdates()
  }

  /// Scores what was found against what the clients' steps were taken on.
  public func judge(
    _ guess: InvertedUpdates, against truth: GroundTruth
  ) throws -> Conclusion {
    try InversionJudge(truth).judge(guess)
  }

  /// The bound that every inversion attack must pass undefended.
  static var usualControl: PositiveControl {
    .figure(
      InversionScores.headline, atLeast: 3,
      summary: "the median reconstruction is at least 3 dB nearer than both constant gray and the "
        + "mean image"
    ).inPlainestSetting
  }
}
