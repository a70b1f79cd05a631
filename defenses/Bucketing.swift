public import Components
public import Federation
public import Randomness
internal import Tensors

/// Means of a few updates at a time, drawn together at random.
///
///     permute the rows; y_k = mean of rows (k-1)s+1 … ks
///
/// The mean of s updates varies less than one, so the rule after it sees honest rows closer
/// together; but one bad update spoils its bucket, so of ⌈n/s⌉ rows still up to f may be bad, and
/// the rule after it must withstand that. The last bucket is shorter when s does not divide n. s = 1
/// only shuffles. Published code that does not shuffle lets attackers choose their bucket.
///
/// Example: s = 2 on (0), (2), (4), (6) gives the pair (1), (5), or (2), (4), or (3), (3).
///
/// Source: Karimireddy, He, Jaggi 2022, *Byzantine-Robust Learning on Heterogeneous Datasets via
/// Bucketing*, algorithm 1.
public struct Bucketing: PreAggregator {
  /// What may be set.
  public struct Parameters: Codable, Hashable, Sendable {
    /// Updates a bucket.
    public var s = 2
  }

  /// Name, meaning, source and promises.
  public static let card = Card(
    name: "bucketing",
    summary: "Means of s updates at a time, drawn together at random; place it before a rule.",
    formula: "y_k = 1/s Σ of s randomly drawn x_i",
    citation: "Karimireddy, He, Jaggi 2022, algorithm 1",
    needs: [.individualUpdates],
    claims: [
      .translationEquivariant, .scaleEquivariant, .orthogonallyEquivariant, .idempotent,
    ],
    parameters: [.init("s", "updates a bucket", range: "1 or more")])

  /// Two a bucket.
  public static let defaults = Parameters()

  /// The parameters in force.
  public let parameters: Parameters

  /// Buckets with these parameters.
  public init(_ parameters: Parameters) throws {
    var check = ParameterCheck()
    check.oneOrMore("s", parameters.s)
    try check.finish()
    self.parameters = parameters
  }

  /// Buckets of `s` updates.
  public init(s: Int) throws { try self.init(Parameters(s: s)) }

  /// ⌈`received`/s⌉.
  public func preparedCount(from received: Int) -> Int {
    received / parameters.s + (received % parameters.s == 0 ? 0 : 1)
  }

  /// Changes only the mixing matrix. O(n²/s).
  public func prepare(
    _ view: AggregationView, using generator: inout Generator, memory: inout Memory
  ) -> Prepared {
    let n = view.updates.count
    let order = generator.permutation(n)
    let buckets = (0..<preparedCount(from: n)).map { k in
      Array(order[k * parameters.s..<min(n, (k + 1) * parameters.s)])
    }
    var mixing = SmallMatrix(zeros: buckets.count, columns: n)
    for (k, bucket) in buckets.enumerated() {
      for i in bucket { mixing[k, i] = 1 / Double(bucket.count) }
    }
    return Prepared(view.updates.mixed(by: mixing), members: buckets)
  }
}
