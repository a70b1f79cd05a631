/// One number for every round, client and example, as a server can measure it that sees each
/// client's update: a loss of the client's model, a cosine with its update.
///
/// All measurements here are larger for members: losses come in negated.
public struct RoundMeasurements: Sendable, Hashable {
  /// How many rounds were recorded.
  public let rounds: Int
  /// How many clients took part in each.
  public let clients: Int
  /// How many examples were measured.
  public let examples: Int
  /// Row-major: rounds x clients x examples.
  public let values: [Double]

  /// Measurements of each round.
  ///
  /// - Throws: `MembershipError` for sizes that do not fit, or a number that is not finite.
  public init(
    rounds: Int, clients: Int, examples: Int, _ values: [Double]
  ) throws(MembershipError) {
    guard rounds >= 1, clients >= 1, examples >= 1, values.count == rounds * clients * examples
    else {
      throw .shape(
        what: "measurements of rounds", got: "\(values.count) values",
        expected: "\(rounds) rounds x \(clients) clients x \(examples) examples, at least 1 of each"
      )
    }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw .value(
        what: "measurements of rounds",
        place: "round \(bad / examples / clients), client \(bad / examples % clients), "
          + "example \(bad % examples)", got: "\(values[bad])",
        remedy: "leave out rounds in which a client diverged")
    }
    self.rounds = rounds
    self.clients = clients
    self.examples = examples
    self.values = values
  }

  /// The measurement of one round, client and example.
  public subscript(round: Int, client: Int, example: Int) -> Double {
    values[(round * clients + client) * examples + example]
  }

  func check(client: Int) throws(MembershipError) {
    guard (0..<clients).contains(client) else {
      throw .noSuch(what: "client", index: client, count: clients)
    }
  }
}
