/// How the clients behind a release were drawn: what amplification by sub-sampling is computed from.
///
/// The sampler says the scheme and the probabilities, given who was reachable; the round adds who that
/// was. Only the public side of it: numbers of the scheme, never which clients were drawn. Fields are
/// ranges so that many rounds that differ a little can share one entry of a ledger.
public struct CohortSampling: Codable, Sendable, Hashable {
  /// Schemes of drawing clients.
  public enum Scheme: String, Codable, Sendable, Hashable, CaseIterable {
    /// Nothing is known: there is no amplification.
    case undeclared
    /// Everybody who was reachable.
    case everybody
    /// Each client independently of the others.
    case poisson
    /// A fixed number without replacement, all sets equally likely.
    case fixedSize = "fixed-size"
    /// Groups that were formed before the run and take turns.
    case cyclic
    /// A fixed number without replacement, some clients likelier than others.
    case weighted
    /// A fixed number of draws, each from all clients.
    case withReplacement = "with-replacement"
  }

  /// The scheme.
  public var scheme: Scheme
  /// How many clients are drawn; nil where that is random.
  public var size: ClosedRange<Int>?
  /// The least and the greatest probability of inclusion among reachable clients, drawn or not.
  public var probabilities: ClosedRange<Double>
  /// How many clients were reachable.
  public var reachable: ClosedRange<Int>
  /// The least and the greatest probability with which those could be reached.
  ///
  /// Who was reachable may be seen by others: an accountant counts it as sampling only where nobody
  /// that privacy is kept from sees it.
  public var availability: ClosedRange<Double>
  /// How many clients there are.
  public var population: Int
  /// How often the sampler was asked in the round; more than once where clients are sent out as others
  /// come back.
  public var draws: ClosedRange<Int>

  /// What a sampler declares; the round adds who was reachable.
  ///
  /// - Parameters:
  ///   - scheme: How clients were drawn.
  ///   - size: How many are drawn; nil where that is random.
  ///   - probabilities: The range of the probabilities of inclusion of all reachable clients.
  public init(
    _ scheme: Scheme, size: Int? = nil, probabilities: ClosedRange<Double>
  ) {
    self.scheme = scheme
    self.size = size.map { $0...$0 }
    self.probabilities = probabilities
    reachable = 0...0
    availability = 1...1
    population = 0
    draws = 1...1
  }

  /// A cohort about whose drawing nothing is known: anybody may have been sure to be in it.
  public static let undeclared = CohortSampling(.undeclared, probabilities: 0...1)

  /// Notes who was reachable: the probability of that for each of them, among `population` clients.
  public mutating func note(availability probabilities: [Double], population: Int) {
    reachable = probabilities.count...probabilities.count
    availability = (probabilities.min() ?? 0)...(probabilities.max() ?? 0)
    self.population = population
  }

  /// The sampling of a round in which `self` was drawn first and `next` later.
  public func followed(by next: CohortSampling) -> CohortSampling {
    var both = widened(to: next)
    both.draws =
      draws.lowerBound + next.draws.lowerBound...draws.upperBound + next.draws.upperBound
    return both
  }

  /// Ranges that hold both; schemes that differ become `undeclared`.
  ///
  /// Nothing is promised of the result that does not hold of both, so a bound on privacy computed
  /// from its worst end holds for both.
  public func widened(to other: CohortSampling) -> CohortSampling {
    var both = self
    if scheme != other.scheme { both.scheme = .undeclared }
    if let size, let second = other.size {
      both.size = Self.hull(size, second)
    } else {
      both.size = nil
    }
    both.probabilities = Self.hull(probabilities, other.probabilities)
    both.reachable = Self.hull(reachable, other.reachable)
    both.availability = Self.hull(availability, other.availability)
    both.population = max(population, other.population)
    both.draws = Self.hull(draws, other.draws)
    return both
  }

  private static func hull<Bound>(
    _ left: ClosedRange<Bound>, _ right: ClosedRange<Bound>
  ) -> ClosedRange<Bound> {
    min(left.lowerBound, right.lowerBound)...max(left.upperBound, right.upperBound)
  }
}
